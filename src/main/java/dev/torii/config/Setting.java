package dev.torii.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one key of the configuration where its value is declared, so that the file, {@code
 * torii config} and the checks cannot drift apart.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** Key inside its section, camelCase with the unit at the end. */
  String key();

  /** Default as it would be written in the file; empty for none. */
  String value() default "";

  /** What it means, in one sentence. */
  String doc();

  /** Smallest number allowed, in the key's own unit. */
  long min() default 0;

  /** Largest number allowed, in the key's own unit. */
  long max() default Integer.MAX_VALUE;

  /** Whether the value, or a part of it such as a password in a URI, must never be printed. */
  boolean secret() default false;
}
