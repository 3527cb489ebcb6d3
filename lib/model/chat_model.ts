/** The ports through which stages ask models for text. Types only: adapters live in folders. */
import type { Json } from "../core/canonical.ts";
import type { FinishReason, Message, Tools, Usage } from "../core/records.ts";

/** How a teacher is to think. */
export type Thinking = "simulated" | "structured" | "native" | "none";

/** One chat to be answered. */
export interface ChatRequest {
  /** Names the prompt; random streams and recordings go by it. */
  id: string;
  /** The turns before the reply. */
  messages: Message[];
  /** Tools that the prompt offers; the reply is in words all the same. */
  tools?: Tools;
  /** How it is to think. */
  thinking: Thinking;
  /** Tokens of the reply at most. */
  maxTokens: number;
  /** 0 is greedy. */
  temperature: number;
  /** Nucleus. */
  topP: number;
  /** The run's seed; adapters derive the item's from it and `id`. */
  seed: number;
  /** Counts attempts at the same prompt, from 0: another attempt draws another reply. */
  attempt: number;
  /** Tokens that the provider may think natively, where it takes a budget. */
  thinkingBudget?: number;
  /** The reply's text is JSON under this schema, where the provider can hold a model to one. */
  schema?: { name: string; schema: Record<string, Json> };
  /** Ends the request. */
  signal?: AbortSignal;
}

/** A model's reply to a chat, as it came. */
export interface ChatReply {
  /** The reply. */
  text: string;
  /** The provider's own reasoning text, where it gives one. */
  reasoning: string | null;
  /** Why it ended. */
  finishReason: FinishReason;
  /** The finish reason in the provider's own word. */
  finishReasonRaw: string;
  /** Tokens that it cost. */
  usage: Usage;
}

/** A teacher. Throws `ModelError`. */
export interface ChatModel {
  /** As records name it: `gpt-4.1-mini`, `embedded`. */
  readonly name: string;
  /** Tells this model from another of its name: what a server says of itself, an author's version. */
  readonly version?: string;
  /** The folder that it was loaded from, whose content tells it from another. */
  readonly folder?: string;
  /**
   * True where the model's own chat template asks for `<think>` and `<response>` already (a
   * prompted model), so that no instruction is added to the prompt.
   */
  readonly promptsForTags: boolean;
  /** Whether it is told of tools, and of turns that call them. Default: false. */
  readonly takesTools?: boolean;
  /** Requests that are worth having in flight at once, where nobody said otherwise. */
  readonly concurrency: number;
  /** Asks for one reply. */
  reply(request: ChatRequest): Promise<ChatReply>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}
