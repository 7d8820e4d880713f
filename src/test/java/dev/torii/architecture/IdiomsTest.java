package dev.torii.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Verticle;
import io.vertx.core.VerticleBase;
import java.util.Set;

/** How Torii uses its libraries: who connects, who blocks, who prints. */
@AnalyzeClasses(packages = "dev.torii", importOptions = DoNotIncludeTests.class)
class IdiomsTest {
  /** What a mechanism needs to name a command and to read its answer. */
  private static final Set<String> REDIS_VALUES =
      Set.of("Command", "Request", "Response", "ResponseType");

  private static final Set<String> SQL_VALUES =
      Set.of("PreparedQuery", "Query", "Row", "RowSet", "RowStream", "Tuple");

  @ArchTest
  static final ArchRule onlyTheRedisPackageConnects =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.torii.redis..")
          .should()
          .dependOnClassesThat(
              describe(
                  "are more of Redis than a command or an answer",
                  type ->
                      type.getPackageName().startsWith("io.vertx.redis")
                          && !REDIS_VALUES.contains(type.getSimpleName())))
          .because("RedisVerticle is the only owner of Redis connections");

  @ArchTest
  static final ArchRule onlyRepositoriesReadRows =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.torii.postgres..")
          .and(not(simpleNameEndingWith("Repository")))
          .should()
          .dependOnClassesThat(
              describe(
                  "carry SQL, parameters or rows",
                  type ->
                      type.getPackageName().startsWith("io.vertx.sqlclient")
                          && SQL_VALUES.contains(type.getSimpleName())))
          .because("all SQL of a feature is in its repository");

  @ArchTest
  static final ArchRule onlyThePostgresPackageConnects =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.torii.postgres..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx.pgclient..", "org.flywaydb..");

  @ArchTest
  static final ArchRule jdbcIsForMigrationsOnly =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.torii.postgres..", "dev.torii.embedded..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..")
          .because("JDBC blocks");

  @ArchTest
  static final ArchRule verticlesReturnAFutureFromStart =
      classes()
          .that()
          .areAssignableTo(Verticle.class)
          .or()
          .haveSimpleNameEndingWith("Verticle")
          .should()
          .beAssignableTo(VerticleBase.class)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule nobodyUsesTheOldVerticle =
      noClasses().should().dependOnClassesThat(assignableTo(AbstractVerticle.class));

  @ArchTest
  static final ArchRule logsGoThroughSlf4j =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.util.logging..", "org.apache.commons.logging..");

  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.torii.app..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .callMethod(Throwable.class, "printStackTrace");

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses()
          .should()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(Thread.class, "sleep", long.class, int.class);

  @ArchTest
  static final ArchRule configurationComesInByRecords =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.torii.app..", "dev.torii.embedded..")
          .should()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "getenv")
          .because("no part reads an environment variable for itself");

  @ArchTest
  static final ArchRule eventLoopsWaitForNobody =
      noClasses()
          .that()
          .resideInAnyPackage(Floors.FEATURES)
          .or()
          .resideInAnyPackage(Floors.MECHANISMS)
          .or()
          .resideInAnyPackage(Floors.VIEWS)
          .and(not(simpleName("JobThread")))
          .should(Floors.waitForAnotherThread());
}
