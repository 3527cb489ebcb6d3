/** What LLaMA-Factory makes of a chat: texts that are encoded one by one, a mask, and its cut. */
import type { Cut } from "../cuts.ts";
import type { PlainChat } from "../plain_chat.ts";
import { type Encoded, joined, type Sequence } from "../sequence.ts";
import { oneSequence, type RenderedRow } from "../trainer.ts";
import type { LlamaFactorySetup } from "./llama_factory_settings.ts";
import { filled, type LlamaFactoryTemplate } from "./llama_factory_templates.ts";

/** A chat for SFT: every assistant's turn is learnt. */
export function supervised(chat: PlainChat, how: LlamaFactorySetup): RenderedRow {
  const { template, settings: { enable_thinking, preserve_thinking, mask_history } } = how;
  const dropsHistory = mask_history && !preserve_thinking;
  const isDropped = (isHistory: boolean) => !enable_thinking || (dropsHistory && isHistory);
  const contents = withoutThoughts(chat, template, isDropped);
  const texts = textsOf({ ...chat, contents }, template);
  for (let at = dropsHistory ? contents.length - 2 : 0; at < contents.length; at += 2) {
    if (lacksThought(contents[at + 1]!, template)) addEmpty(texts, at, how);
  }
  const all = [...texts, endOf(how)];
  return oneSequence(all.flat().map((text) => ({ text, special: false })), (encoded) => {
    return masked(sequenceOfTexts(all, encoded), lengthsOf(texts, encoded), how);
  });
}

/** A pair: the prompt is the chosen side's, and both replies are learnt. */
export function pairOf(
  chosen: PlainChat,
  rejected: PlainChat,
  how: LlamaFactorySetup,
): RenderedRow {
  const sides = [chosen, rejected].map((chat) => oneTurn(chat, how));
  const prompt = sides[0]!.slice(0, -1).flat();
  const replies = sides.map((texts) => [...texts.at(-1)!, ...endOf(how)]);
  const texts = [...prompt, ...replies.flat()];
  return {
    texts: texts.map((text) => ({ text, special: false })),
    assemble: (encoded) => {
      const asked = encoded.slice(0, prompt.length);
      let at = prompt.length;
      const own = replies.map((reply) => encoded.slice(at, at += reply.length));
      const source = lengthOf(asked);
      const [keptSource, keptReply] = fittingLengths(
        source,
        Math.max(...own.map(lengthOf)),
        how.maxLength,
      );
      const sequences = replies.map((reply, index) => {
        const sequence = sequenceOfTexts([prompt, reply], [...asked, ...own[index]!]);
        const length = sequence.ids.length;
        sequence.learnt.fill(true, source);
        sequence.cuts = cutsOf([[keptSource, source], [source + keptReply, length]]);
        return { side: index === 0 ? "chosen" as const : "rejected" as const, sequence };
      });
      return { sequences, faults: [] };
    },
  };
}

/** As `ReasoningTemplate.encode_oneturn`: the texts of each turn. */
function oneTurn(chat: PlainChat, how: LlamaFactorySetup): string[][] {
  const { template, settings: { enable_thinking, preserve_thinking } } = how;
  const isDropped = (isHistory: boolean) => isHistory ? !preserve_thinking : !enable_thinking;
  const contents = withoutThoughts(chat, template, isDropped);
  const last = contents.length - 1;
  const texts = textsOf({ ...chat, contents }, template);
  if (lacksThought(contents[last]!, template)) addEmpty(texts, last - 1, how);
  return texts;
}

/** The texts that are encoded one by one, by turn. */
function textsOf({ system, contents }: PlainChat, template: LlamaFactoryTemplate): string[][] {
  return contents.map((content, index) => {
    const slot = index % 2 === 0 ? template.user : template.assistant;
    const text = filled(slot, content);
    const before = system || template.defaultSystem;
    const begin = index > 0 ? [] : [template.prefix, before && filled(template.system, before)];
    return [...begin, text].filter((each) => each !== "");
  });
}

/** The EOS that such templates put after the last turn alone. */
function endOf({ template, tokenizer }: LlamaFactorySetup): string[] {
  const { eosToken } = tokenizer.template;
  return template.efficientEos && eosToken !== null ? [eosToken] : [];
}

function lacksThought(content: string, { thought }: LlamaFactoryTemplate): boolean {
  return thought !== null && thought.every((word) => !content.includes(word.trim()));
}

/** An empty thought: learnt, or the prompt's where thinking is off. */
function addEmpty(
  texts: string[][],
  prompt: number,
  { template, settings }: LlamaFactorySetup,
): void {
  const empty = template.thought!.join("");
  if (settings.enable_thinking) texts[prompt + 1]!.unshift(empty);
  else texts[prompt]!.push(empty);
}

/** What is said, without the thoughts of the replies that are named: earlier ones, or the last. */
function withoutThoughts(
  { contents }: PlainChat,
  { thought }: LlamaFactoryTemplate,
  isDropped: (isHistory: boolean) => boolean,
): string[] {
  if (thought === null) return [...contents];
  const thoughts = new RegExp(thought.map(RegExp.escape).join(".*?"), "gs");
  return contents.map((content, at) =>
    at % 2 === 1 && isDropped(at < contents.length - 1)
      ? content.replaceAll(thoughts, "").replace(/^\n+/, "")
      : content
  );
}

function sequenceOfTexts(texts: readonly string[][], encoded: readonly Encoded[]): Sequence {
  const parts = texts.flat().map((text, index) => ({
    text,
    encoded: encoded[index]!,
    isLearnt: () => false,
  }));
  return joined(parts);
}

const lengthOf = (encoded: readonly Encoded[]) =>
  encoded.reduce((sum, { ids }) => sum + ids.length, 0);

/** Tokens of each turn. */
function lengthsOf(texts: readonly string[][], encoded: readonly Encoded[]): number[] {
  let at = 0;
  return texts.map((turn) => lengthOf(encoded.slice(at, at += turn.length)));
}

/** As `_encode_data_example`: what is learnt of prompts and replies, and what the limit leaves. */
function masked(sequence: Sequence, lengths: readonly number[], how: LlamaFactorySetup): Sequence {
  const { settings: { mask_history, train_on_prompt }, template: { efficientEos } } = how;
  const { learnt } = sequence;
  const rounds: { from: number; source: number; target: number }[] = [];
  let at = 0;
  for (let turn = 0; turn < lengths.length; turn += 2) {
    const source = lengths[turn]!, target = lengths[turn + 1]!;
    rounds.push({ from: at, source, target });
    at += source + target;
  }
  if (efficientEos) learnt.fill(true, at);
  const cuts: Cut[] = [], labels = new Map<number, number>();
  let room = how.maxLength - (efficientEos ? 1 : 0);
  for (
    const [turn, { from, source, target }] of (mask_history ? rounds.toReversed() : rounds)
      .entries()
  ) {
    const [keptSource, keptTarget] = room <= 0 ? [0, 0] : fittingLengths(source, target, room);
    room -= keptSource + keptTarget;
    const reply = from + source;
    cuts.push([from + keptSource, reply], [reply + keptTarget, reply + target]);
    if (train_on_prompt) learnt.fill(true, from, reply);
    else if (efficientEos && turn > 0 && how.tokenizer.eos !== null) {
      labels.set(from, how.tokenizer.eos);
    }
    if (!mask_history || turn === 0) learnt.fill(true, reply, reply + target);
  }
  return { ...sequence, cuts: cutsOf(cuts), labels };
}

/** As `infer_seqlen`: how much of a prompt and of a reply fits. */
function fittingLengths(source: number, target: number, room: number): [number, number] {
  const most = target * 2 < room
    ? room
    : source * 2 < room
    ? room - source
    : Math.trunc(room * (target / (source + target)));
  const keptTarget = Math.min(most, target);
  return [Math.min(Math.max(room - keptTarget, 0), source), keptTarget];
}

/** The cuts that take something away. */
function cutsOf(cuts: readonly Cut[]): Cut[] {
  return cuts.filter(([from, to]) => to > from);
}
