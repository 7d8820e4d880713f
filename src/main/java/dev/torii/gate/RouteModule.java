package dev.torii.gate;

/** The HTTP face of one feature. */
public interface RouteModule {
  /** Adds the feature's routes; called once for each HTTP event loop. */
  void mount(Routes routes);
}
