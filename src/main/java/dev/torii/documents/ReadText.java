package dev.torii.documents;

import io.vertx.core.json.JsonObject;

/**
 * What was found in a file.
 *
 * @param pages null when files of its kind have none
 * @param title null when it tells none
 * @param metadata what else it tells of itself, texts by name
 * @param truncated whether there was more text than is kept
 */
record ReadText(String text, Integer pages, String title, JsonObject metadata, boolean truncated) {}
