package dev.torii.bus;

import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.shareddata.LocalMap;
import java.time.Duration;
import java.util.function.Function;

/**
 * The event bus of one process with types: questions with one answer, and announcements.
 *
 * <p>Everything is local and passed by reference. Each address has one owner; a second kind of
 * owner is refused, because the event bus would silently alternate between the two.
 */
public final class Bus {
  private final EventBus eventBus;
  private final LocalMap<String, String> owners;
  private final DeliveryOptions options;
  private final Duration timeout;

  private Bus(Vertx vertx, Duration timeout) {
    this.eventBus = vertx.eventBus();
    this.owners = vertx.sharedData().getLocalMap("torii.bus.owners");
    this.options = within(timeout);
    this.timeout = timeout;
  }

  /**
   * Prepares the event bus of {@code vertx}; once per process.
   *
   * @param timeout how long a question waits for its answer unless it is {@link Timed}, 1 ms or
   *     more
   */
  public static Bus install(Vertx vertx, Duration timeout) {
    vertx.eventBus().registerCodec(new LocalCodec());
    vertx.eventBus().codecSelector(body -> body instanceof BusMessage ? LocalCodec.NAME : null);
    return new Bus(vertx, timeout);
  }

  /** How long a question waits for its answer unless it is {@link Timed}. */
  public Duration timeout() {
    return timeout;
  }

  /** Sends {@code question} and completes with the typed answer or a {@link Failure}. */
  public <Q extends BusMessage, R extends BusMessage> Future<R> ask(Address<Q, R> to, Q question) {
    return eventBus
        .<R>request(to.name(), question, optionsFor(question))
        .map(Message::body)
        .recover(t -> Future.failedFuture(Failure.from(t)));
  }

  /**
   * Answers the questions that arrive at {@code address}, on the caller's context.
   *
   * @param owner the class that answers; its instances share the address, others are refused
   * @throws IllegalStateException when another class already owns the address
   */
  public <Q extends BusMessage, R extends BusMessage> void answer(
      Class<?> owner, Address<Q, R> address, Function<Q, Future<R>> handler) {
    String other = owners.putIfAbsent(address.name(), owner.getName());
    if (other != null && !other.equals(owner.getName())) {
      throw new IllegalStateException(address.name() + " is already answered by " + other);
    }
    eventBus.<Q>localConsumer(address.name(), message -> handle(message, handler));
  }

  /** Tells every listener of this process; nobody answers. */
  public <E extends BusMessage> void announce(Topic<E> topic, E event) {
    eventBus.publish(topic.name(), event, options);
  }

  /** Hears every announcement of {@code topic} on the caller's context until unregistered. */
  public <E extends BusMessage> MessageConsumer<E> listen(Topic<E> topic, Handler<E> listener) {
    return eventBus.<E>localConsumer(topic.name(), message -> listener.handle(message.body()));
  }

  private DeliveryOptions optionsFor(BusMessage question) {
    return question instanceof Timed timed ? within(timed.deadline().left()) : options;
  }

  private static DeliveryOptions within(Duration timeout) {
    return new DeliveryOptions().setLocalOnly(true).setSendTimeout(Math.max(1, timeout.toMillis()));
  }

  private static <Q extends BusMessage, R extends BusMessage> void handle(
      Message<Q> message, Function<Q, Future<R>> handler) {
    Future.succeededFuture(message.body())
        .compose(handler) // a throw in the handler stays inside
        .onSuccess(message::reply)
        .onFailure(t -> message.reply(Failure.from(t)));
  }
}
