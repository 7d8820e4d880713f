package dev.torii.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Defaults of a section that differ from those which its type declares. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Defaults {
  /** Each {@code key=value}, as they would be written in the file. */
  String[] value();
}
