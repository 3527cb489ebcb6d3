/**
 * The ports that models are behind, for writing one's own; SPECs; and prices.
 *
 * @module
 */
export type { ChatModel, ChatReply, ChatRequest, Thinking } from "../model/chat_model.ts";
export type { Policy } from "../model/open.ts";
export { costOf } from "../model/prices/cost.ts";
export { loadPrices, priceOf } from "../model/prices/price_table.ts";
export type { RewardModel, Score, ScoringItem } from "../model/reward_model.ts";
export { parseSpec, type Spec } from "../model/spec.ts";
export type { Completion, CompletionRequest, TextModel } from "../model/text_model.ts";
export { ModelError, type ModelErrorKind } from "../core/errors.ts";
export { type Random, randomFor, seedFor } from "../core/random.ts";
export type { Answer } from "../core/answer.ts";
export type { Extra, FinishReason, Message, ModelPrice, PriceTable, Role, Usage } from "./types.ts";
