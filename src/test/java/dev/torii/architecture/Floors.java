package dev.torii.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClass.Predicates;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.torii.bus.BusMessage;
import io.vertx.core.Future;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.stream.Stream;

/** The packages of each floor, and what the borders between them mean. */
final class Floors {
  static final String[] VALUES = packages("failure", "config", "credentials", "text");
  static final String[] EDGES = packages("http", "redis", "postgres", "bus", "embedded");
  static final String[] MECHANISMS =
      packages("realtime", "ratelimit", "cache", "gate", "tokens", "audit", "writebehind");
  static final String[] FEATURES =
      packages(
          "auth", "profiles", "catalog", "jobs", "schedules", "documents", "images", "engagement");
  static final String[] VIEWS = packages("admin", "ops", "console");
  static final String[] APP = packages("app");

  /** The small public interface that job types implement, those of users too. */
  private static final Set<String> TO_WRITE_JOBS =
      Set.of(
          "dev.torii.jobs.JobHandler",
          "dev.torii.jobs.JobContext",
          "dev.torii.jobs.JobOptions",
          "dev.torii.jobs.JobState",
          "dev.torii.jobs.FatalJobException",
          "dev.torii.jobs.JobCancelledException");

  private Floors() {}

  /** Each other feature is known by what its Api declares, and by nothing else. */
  static ArchCondition<JavaClass> knowOnlyTheApiOfOtherFeatures() {
    DescribedPredicate<JavaClass> feature = Predicates.resideInAnyPackage(FEATURES);
    return new ArchCondition<>("know only the *Api of other features") {
      @Override
      public void check(JavaClass from, ConditionEvents events) {
        for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
          JavaClass to = dependency.getTargetClass().getBaseComponentType();
          boolean foreign = feature.test(to) && !to.getPackageName().equals(from.getPackageName());
          if (foreign && !isContract(outermost(to))) {
            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
          }
        }
      }
    };
  }

  /** What a feature shows to others: its Api, and what those who write types of jobs need. */
  static boolean isContract(JavaClass type) {
    return type.getSimpleName().endsWith("Api") || TO_WRITE_JOBS.contains(type.getName());
  }

  static DescribedPredicate<JavaClass> areToWriteJobs() {
    return DescribedPredicate.describe(
        "are needed to write a type of job", type -> TO_WRITE_JOBS.contains(type.getName()));
  }

  static DescribedPredicate<JavaClass> areDeclaredInAnApi() {
    return DescribedPredicate.describe(
        "are declared in an *Api",
        type -> type.isNestedClass() && outermost(type).getSimpleName().endsWith("Api"));
  }

  static ArchCondition<JavaClass> beBusMessagesOrPartsOfOne() {
    return new ArchCondition<>("be bus messages or parts of one") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean part =
            type.getDirectDependenciesToSelf().stream()
                .map(Dependency::getOriginClass)
                .anyMatch(user -> user != type && user.isAssignableTo(BusMessage.class));
        if (!part && !type.isAssignableTo(BusMessage.class)) {
          events.add(
              SimpleConditionEvent.violated(
                  type, type.getName() + " is neither a BusMessage nor part of one"));
        }
      }
    };
  }

  /** A thread that waits for another cannot be an event loop. */
  static ArchCondition<JavaClass> waitForAnotherThread() {
    return new ArchCondition<>("wait for another thread") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getMethodCallsFromSelf().stream()
            .filter(Floors::waits)
            .forEach(
                call -> events.add(SimpleConditionEvent.satisfied(call, call.getDescription())));
      }
    };
  }

  private static boolean waits(JavaMethodCall call) {
    JavaClass owner = call.getTargetOwner();
    String method = call.getName();
    return switch (method) {
      case "get", "join" -> owner.isAssignableTo(java.util.concurrent.Future.class);
      case "take" -> owner.isAssignableTo(BlockingQueue.class);
      case "await" ->
          Set.of(Future.class, CountDownLatch.class, Condition.class).stream()
              .anyMatch(owner::isAssignableTo);
      default -> false;
    };
  }

  private static JavaClass outermost(JavaClass type) {
    JavaClass outer = type;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer;
  }

  private static String[] packages(String... names) {
    return Stream.of(names).map(name -> "dev.torii." + name + "..").toArray(String[]::new);
  }
}
