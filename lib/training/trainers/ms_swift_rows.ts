/** What ms-swift makes of a chat: texts that are encoded one by one, and a mask. */
import { type Cut, cutAfter } from "../cuts.ts";
import type { PlainChat } from "../plain_chat.ts";
import { joined, type Sequence } from "../sequence.ts";
import type { OwnTexts, TrainingTokenizer } from "../trainer.ts";
import type { SwiftTemplate } from "./ms_swift_templates.ts";

/** How a training is set. */
export interface SwiftSetup {
  template: SwiftTemplate;
  loss: "default" | "last_round" | "all";
  addsPrefix: boolean;
  /** Whether thoughts of earlier turns stay; undefined for what follows from the rest. */
  keepsThoughts: boolean | undefined;
  masksEmpty: boolean;
  cut: "delete" | "left" | "right";
  maxLength: number;
  tokenizer: TrainingTokenizer;
}

/** A piece of the text, and whether it is in the loss. */
interface Piece {
  text: string;
  isLearnt: boolean;
}

/** The texts of a chat, and the sequence that their tokens come to. */
export function encodedChat(
  chat: PlainChat,
  setup: SwiftSetup,
  variables: Readonly<Record<string, unknown>>,
): OwnTexts {
  const pieces = merged(piecesOf(chat, setup, variables));
  const suffix = { text: setup.template.suffix, special: false };
  return {
    texts: [...pieces.map(({ text }) => ({ text, special: false })), suffix],
    assemble: (encoded) => {
      const parts = pieces.map(({ text, isLearnt }, index) => ({
        text,
        encoded: encoded[index]!,
        isLearnt: () => isLearnt,
      }));
      const sequence = joined(parts);
      learnEnds(sequence, encoded.at(-1)!.ids);
      sequence.learnt[0] = false;
      sequence.cuts = cutsOf(sequence.ids.length, setup);
      const [first] = sequence.cuts;
      // The first token that is left has no label either.
      if (first?.[0] === 0 && first[1] < sequence.ids.length) sequence.learnt[first[1]] = false;
      return sequence;
    },
  };
}

/** As `_swift_encode`: what stands around turns, and turns. */
function piecesOf(
  given: PlainChat,
  setup: SwiftSetup,
  variables: Readonly<Record<string, unknown>>,
): Piece[] {
  const { template, loss, tokenizer: { template: { bosToken }, addsBos } } = setup;
  const { system, contents } = withThoughts(
    template.prepare?.(given) ?? given,
    setup,
    variables,
  );
  const isAll = loss === "all";
  const before = system ?? template.defaultSystem;
  const pieces: Piece[] = [
    { text: template.addsBos && addsBos ? bosToken ?? "" : "", isLearnt: isAll },
    { text: before ? template.systemPrefix(before) : template.prefix, isLearnt: isAll },
  ];
  for (let at = 0; at < contents.length; at += 2) {
    const isLast = at + 2 === contents.length, reply = contents[at + 1]!;
    const isLearnt = loss !== "last_round" || isLast;
    pieces.push({ text: template.prompt(contents[at]!), isLearnt: isAll });
    pieces.push(...replyPieces(reply, isLearnt, setup));
    if (!isLast) pieces.push({ text: template.separator, isLearnt: isAll });
    else if (!endsInStop(reply, setup)) pieces.push({ text: template.suffix, isLearnt });
  }
  return pieces;
}

/** Replies with the prefix that such models write, and thoughts of earlier turns where they stay. */
function withThoughts(
  chat: PlainChat,
  setup: SwiftSetup,
  { preserve_thinking, enable_thinking }: Readonly<Record<string, unknown>>,
): PlainChat {
  const { template: { nonThinkingPrefix, thinks }, loss, addsPrefix, keepsThoughts } = setup;
  const isLastAlone = loss === "last_round";
  const last = chat.contents.length - 1;
  const stay = preserve_thinking ?? keepsThoughts ??
    ((!thinks && enable_thinking !== true) || !isLastAlone);
  const contents = chat.contents.map((content, at) => {
    if (at % 2 === 0) return content;
    const gets = addsPrefix && nonThinkingPrefix !== "" && (!isLastAlone || at === last) &&
      !content.startsWith("<think>");
    const whole = gets ? nonThinkingPrefix + content : content;
    return stay || at === last ? whole : whole.split("</think>").at(-1)!.trim();
  });
  return { ...chat, contents };
}

/** As `IgnoreEmptyThinkLossScale`: an empty thought is not learnt. */
function replyPieces(text: string, isLearnt: boolean, { masksEmpty }: SwiftSetup): Piece[] {
  const empty = masksEmpty && isLearnt ? /^(?:<think>\s*)?<\/think>\s*/.exec(text)?.[0] ?? "" : "";
  return [{ text: empty, isLearnt: false }, { text: text.slice(empty.length), isLearnt }];
}

function endsInStop(reply: string, { template, tokenizer }: SwiftSetup): boolean {
  const { eosToken } = tokenizer.template;
  return [template.suffix.trim(), eosToken].some((stop) => stop !== null && reply.endsWith(stop));
}

/** Neighbours that are learnt alike are encoded together. */
function merged(pieces: readonly Piece[]): Piece[] {
  const made: Piece[] = [];
  for (const piece of pieces) {
    if (piece.text === "") continue;
    const last = made.at(-1);
    if (last?.isLearnt === piece.isLearnt) last.text += piece.text;
    else made.push({ ...piece });
  }
  return made;
}

/** As `_add_dynamic_eos`: what ends the last reply is learnt after the others too. */
function learnEnds({ ids, learnt }: Sequence, suffix: readonly number[]): void {
  let start = 0;
  const wasLearnt = [...learnt];
  for (let at = 1; at <= ids.length; at++) {
    if (wasLearnt[at - 1] && at < ids.length && !wasLearnt[at]) start = at;
    else if (start > 0 && !wasLearnt[at - 1] && (at === ids.length || wasLearnt[at])) {
      const isEnd = at - start >= suffix.length &&
        suffix.every((id, index) => ids[start + index] === id);
      if (isEnd) learnt.fill(true, start, start + suffix.length);
    }
  }
}

function cutsOf(length: number, { cut, maxLength }: SwiftSetup): Cut[] {
  if (length <= maxLength) return [];
  if (cut === "right") return cutAfter(length, maxLength);
  return [[0, cut === "left" ? length - maxLength : length]];
}
