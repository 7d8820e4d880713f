package dev.torii.config;

import java.time.Duration;
import java.util.List;

/** The {@code live} section: notifications over WebSocket and Server-Sent Events. */
public record LiveConfig(
    @Setting(
            key = "allowedOrigins",
            doc =
                "Origins of pages, besides Torii's own, from which browsers may open a WebSocket or"
                    + " read events, such as https://shop.example.com; * for all")
        List<String> allowedOrigins,
    @Setting(
            key = "connectionsPerAddress",
            value = "4096",
            min = 1,
            max = 1000000,
            doc = "Live connections of one address in one process")
        int connectionsPerAddress,
    @Setting(
            key = "subscriptionsPerConnection",
            value = "100",
            min = 1,
            max = 10000,
            doc = "Topics that one connection may follow at once")
        int subscriptionsPerConnection,
    @Setting(
            key = "messagesPerSecond",
            value = "50",
            min = 1,
            max = 100000,
            doc = "Messages that one client may send in a second")
        int messagesPerSecond,
    @Setting(
            key = "maxMessageBytes",
            value = "8192",
            min = 256,
            max = 1048576,
            doc = "Largest message of a client")
        int maxMessageBytes,
    @Setting(
            key = "authTimeoutMs",
            value = "5000",
            min = 100,
            max = 60000,
            doc = "Longest wait for the first message of a client")
        Duration authTimeout,
    @Setting(
            key = "pingSeconds",
            value = "25",
            min = 1,
            max = 3600,
            doc = "Pause between two signs of life that a client is sent")
        Duration ping,
    @Setting(
            key = "pongTimeoutMs",
            value = "10000",
            min = 100,
            max = 600000,
            doc = "Longest wait for the answer to a ping")
        Duration pongTimeout,
    @Setting(
            key = "maxQueued",
            value = "256",
            min = 1,
            max = 100000,
            doc =
                "Events that wait for one slow client, of which newer ones replace older ones of"
                    + " the same thing; above it for 2 seconds the client is closed")
        int maxQueued,
    @Setting(
            key = "slowSeconds",
            value = "10",
            min = 1,
            max = 600,
            doc = "How long a client may read nothing of what waits for it")
        Duration slow,
    @Setting(
            key = "historyLength",
            value = "10000",
            min = 1,
            max = 10000000,
            doc = "Events of a topic that are kept for those who come back")
        int historyLength,
    @Setting(
            key = "historySeconds",
            value = "3600",
            min = 1,
            max = 2678400,
            doc = "How long they are kept at most")
        Duration history,
    @Setting(
            key = "tailCheckMs",
            value = "1000",
            min = 50,
            max = 60000,
            doc = "Pause between two looks whether the last event of a topic was heard")
        Duration tailCheck,
    @Setting(
            key = "reconnectSpreadMs",
            value = "10000",
            max = 600000,
            doc = "Time over which clients are told to come back when a process stops")
        Duration reconnectSpread) {}
