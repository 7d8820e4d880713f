package dev.torii.config;

import java.time.Duration;
import java.util.List;

/** The {@code http} section. */
public record HttpConfig(
    @Setting(key = "host", value = "127.0.0.1", doc = "Address to listen on") String host,
    @Setting(key = "port", value = "8080", max = 65535, doc = "Port to listen on, 0 for any free")
        int port,
    @Setting(
            key = "instances",
            value = "0",
            max = 256,
            doc = "Event loops, each serving HTTP; 0 for half the cores, at least one")
        int instances,
    @Setting(
            key = "maxConnections",
            value = "10000",
            min = 1,
            doc = "Open connections above which new ones are closed at once")
        int maxConnections,
    @Setting(
            key = "maxBodyBytes",
            value = "65536",
            min = 1024,
            max = 16777216,
            doc = "Largest JSON body")
        int maxBodyBytes,
    @Setting(
            key = "maxHeaderBytes",
            value = "16384",
            min = 1024,
            max = 1048576,
            doc = "Largest sum of a request's headers")
        int maxHeaderBytes,
    @Setting(
            key = "headerTimeoutMs",
            value = "10000",
            min = 100,
            doc = "Longest wait for the first complete request head of a connection")
        Duration headerTimeout,
    @Setting(
            key = "bodyTimeoutMs",
            value = "10000",
            min = 100,
            doc = "Longest wait for a complete body after its head")
        Duration bodyTimeout,
    @Setting(
            key = "minBodyBytesPerSecond",
            value = "16384",
            min = 1,
            max = 16777216,
            doc = "Pace at which a long body, such as a file, may take longer than that")
        int minBodyBytesPerSecond,
    @Setting(
            key = "maxUploads",
            value = "32",
            min = 1,
            max = 1000,
            doc = "Files that are received or worked on at once; more are answered with 503")
        int maxUploads,
    @Setting(
            key = "maxUploadsPerAddress",
            value = "4",
            min = 1,
            max = 1000,
            doc = "Of these, those of one client address; more are answered with 503")
        int maxUploadsPerAddress,
    @Setting(
            key = "uploadTimeoutMs",
            value = "120000",
            min = 100,
            doc = "Longest time that a file may take to arrive, at whatever pace")
        Duration uploadTimeout,
    @Setting(
            key = "uploadDir",
            doc = "Where files are kept while they are received; empty for the system's own place")
        String uploadDir,
    @Setting(
            key = "keepAliveTimeoutMs",
            value = "60000",
            min = 100,
            doc = "Longest wait for the next complete request head of a used connection")
        Duration keepAliveTimeout,
    @Setting(
            key = "shutdownGraceMs",
            value = "10000",
            max = 12000,
            doc = "How long requests under way may take after a stop was asked for")
        Duration shutdownGrace,
    @Setting(
            key = "trustedProxies",
            doc =
                "Addresses or networks (CIDR), separated by commas, whose X-Forwarded-For is"
                    + " believed")
        List<String> trustedProxies,
    @Setting(
            key = "accessLogPercent",
            value = "1",
            max = 100,
            doc =
                "Share of requests in the access log; slow ones and those answered with 5xx are"
                    + " always in")
        int accessLogPercent,
    @Setting(
            key = "slowRequestMs",
            value = "500",
            doc = "Requests that take at least this long are always in the access log")
        Duration slowRequest) {}
