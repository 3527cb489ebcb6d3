/** Names for requests that last longer than a process: in recordings, in batch jobs. */
import { type Json, shortHash } from "../core/canonical.ts";
import { turnFields } from "../core/records.ts";
import type { ChatRequest } from "./chat_model.ts";
import type { CompletionRequest } from "./text_model.ts";

/** A request's fields as JSON. */
export type RequestFields = Record<string, Json | undefined>;

/** What of a chat request is kept and hashed: everything but its signal. */
export function chatRequestFields(request: ChatRequest): RequestFields {
  const { signal: _, ...fields } = request;
  return {
    ...fields,
    messages: fields.messages.map(turnFields),
    tools: fields.tools,
  };
}

/** What of a completion request is kept and hashed: everything but its signal. */
export function textRequestFields(request: CompletionRequest): RequestFields {
  const { signal: _, ...fields } = request;
  return { ...fields };
}

/** 16 hex digits that name a request. */
export function requestKey(fields: RequestFields): string {
  return shortHash(fields as Json);
}
