package dev.torii.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static dev.torii.architecture.Floors.APP;
import static dev.torii.architecture.Floors.EDGES;
import static dev.torii.architecture.Floors.FEATURES;
import static dev.torii.architecture.Floors.MECHANISMS;
import static dev.torii.architecture.Floors.VALUES;
import static dev.torii.architecture.Floors.VIEWS;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.torii.bus.BusMessage;
import java.util.stream.Stream;

/** The borders of Torii's packages: what may know what. */
@AnalyzeClasses(packages = "dev.torii", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule lowerFloorsNeverKnowUpperOnes =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.torii..")
          .withOptionalLayers(true)
          .layer("app")
          .definedBy(APP)
          .layer("views")
          .definedBy(VIEWS)
          .layer("features")
          .definedBy(FEATURES)
          .layer("mechanisms")
          .definedBy(MECHANISMS)
          .layer("edges")
          .definedBy(EDGES)
          .layer("values")
          .definedBy(VALUES)
          .whereLayer("app")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("views")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("features")
          .mayOnlyBeAccessedByLayers("app", "views")
          .whereLayer("mechanisms")
          .mayOnlyBeAccessedByLayers("app", "views", "features")
          .whereLayer("edges")
          .mayOnlyBeAccessedByLayers("app", "views", "features", "mechanisms")
          .whereLayer("values")
          .mayOnlyBeAccessedByLayers("app", "views", "features", "mechanisms", "edges");

  @ArchTest
  static final ArchRule everyClassLivesOnAFloor =
      classes()
          .that()
          .resideInAPackage("dev.torii..")
          .should()
          .resideInAnyPackage(
              Stream.of(VALUES, EDGES, MECHANISMS, FEATURES, VIEWS, APP)
                  .flatMap(Stream::of)
                  .toArray(String[]::new));

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching("dev.torii.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule featuresKnowOfEachOtherOnlyTheApi =
      classes()
          .that()
          .resideInAnyPackage(FEATURES)
          .should(Floors.knowOnlyTheApiOfOtherFeatures())
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule viewsKnowOfFeaturesOnlyTheApi =
      classes()
          .that()
          .resideInAnyPackage(VIEWS)
          .should(Floors.knowOnlyTheApiOfOtherFeatures())
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule featuresShowOnlyTheirApiAndTheirEntrances =
      classes()
          .that()
          .resideInAnyPackage(FEATURES)
          .and()
          .areTopLevelClasses()
          .and()
          .haveNameNotMatching(".*(Api|Routes|Verticle|Module)")
          .and(DescribedPredicate.not(Floors.areToWriteJobs()))
          .should()
          .notBePublic()
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule busMessagesAreRecords =
      classes()
          .that()
          .implement(BusMessage.class)
          .should()
          .beRecords()
          .because("the same object is seen by several threads");

  @ArchTest
  static final ArchRule recordsOfAnApiAreBusMessagesOrPartsOfThem =
      classes()
          .that()
          .areRecords()
          .and(Floors.areDeclaredInAnApi())
          .should(Floors.beBusMessagesOrPartsOfOne());

  @ArchTest
  static final ArchRule apisAreFinalAndWithoutState =
      classes()
          .that()
          .haveSimpleNameEndingWith("Api")
          .and()
          .areTopLevelClasses()
          .should()
          .haveOnlyFinalFields()
          .andShould()
          .haveOnlyPrivateConstructors();
}
