/** What a completion server does with n, BOS and stop strings: found out by asking it. */
import { ModelError } from "../../core/errors.ts";
import { usageOf } from "../call/usage.ts";
import type { ServerClient } from "../server/server_client.ts";
import type { CompletionRequest } from "../text_model.ts";
import { completionBody, type CompletionReply, parseCompletionReply } from "./completion_wire.ts";

/** How a server treats what OpenAI-compatible servers differ in. */
export interface ServerHabits {
  /** Gives n replies to one request. */
  takesN: boolean;
  /** Puts a BOS before the prompt though it was told not to add special tokens. */
  addsBos: boolean;
  /** The stop string that ended a text is `kept` in it, `named` beside it, or neither. */
  stops: "kept" | "named" | "lost";
}

const probe: CompletionRequest = {
  id: "probe",
  prompt: "a",
  n: 1,
  maxTokens: 8,
  temperature: 0,
  topP: 1,
  topK: 0,
  stop: [],
  includeStop: true,
  seed: 0,
};

/**
 * Three requests of a few tokens each. Throws what the server's answers say (a wrong name, a wrong
 * key).
 */
export async function findServerHabits(
  client: ServerClient,
  url: string,
  model: string,
  signal?: AbortSignal,
): Promise<ServerHabits> {
  const ask = async (request: CompletionRequest, n = 1): Promise<CompletionReply> => {
    const body = completionBody(model, request, { n, index: 0 });
    return parseCompletionReply(url, await client.post(url, "/v1/completions", body, { signal }));
  };
  const greedy = await ask(probe);
  const text = greedy.choices[0]!.text;
  return {
    takesN: await takesN(() => ask({ ...probe, temperature: 1 }, 2)),
    // One letter is one token in every tokenizer of a language model.
    addsBos: usageOf({ prompt: greedy.usage?.prompt_tokens }).prompt_tokens > 1,
    stops: await stopsOf(text, (stop) => ask({ ...probe, stop: [stop] })),
  };
}

async function takesN(ask: () => Promise<CompletionReply>): Promise<boolean> {
  try {
    return (await ask()).choices.length === 2;
  } catch (error) {
    // Refused as a request: llama.cpp's server with a single slot.
    if (error instanceof ModelError && error.kind === "fatal") return false;
    throw error;
  }
}

/** Asks for the same greedy text again, to be stopped at a letter from its middle. */
async function stopsOf(
  text: string,
  ask: (stop: string) => Promise<CompletionReply>,
): Promise<ServerHabits["stops"]> {
  const letters = [...text].filter((letter) => letter.trim() !== "");
  const stop = letters[letters.length >> 1];
  if (stop === undefined) return "lost";
  const { text: stopped, stop_reason } = (await ask(stop)).choices[0]!;
  if (stopped.endsWith(stop)) return "kept";
  return stop_reason === stop ? "named" : "lost";
}
