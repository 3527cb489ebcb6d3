// deno run -A notebooks/recorded/make_recordings.ts
// Writes the recordings that notebook 2 replays. The texts stand below; no provider is asked.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FinishReason } from "../../lib/core/records.ts";
import type { ChatModel } from "../../lib/model/chat_model.ts";
import { recordChat } from "../../lib/model/replay/record.ts";
import { renderSimulated } from "../../lib/reply/simulated.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";

/** What a teacher says to a prompt, attempt by attempt: thought and answer, or a faulty text. */
type Said = { thought: string; answer: string } | { text: string; finish: FinishReason };

const GPT: Record<string, Said[]> = {
  apology: [{
    thought:
      "They had a loud party and want a note to the neighbour: an apology, two sentences, no excuses. I should name last night and offer something small so that it doesn't sound empty. First person, friendly, not grovelling.",
    answer:
      "I'm sorry about the noise from my party last night; it went on far later than I meant it to. Please knock any time it gets too loud, and let me make up for it with a cake this weekend.",
  }],
  "hash-table": [{
    thought:
      "A ten-year-old knows lockers and coat hooks. The key idea is that a rule turns a name into a place, so nobody has to search. Collisions: two names at the same hook, which then share it. Keep it to a short picture and end with why it is fast.",
    answer:
      "Imagine a wall of numbered coat hooks and a secret rule that turns every name into a number. Anna's name gives 7, so her coat always hangs on hook 7, and you never have to look at the others. If two names give the same number, they share a hook, and you check only those two coats. That's a hash table: a rule that tells you straight away where to look.",
  }],
  bakery: [{
    thought:
      "Three names, rye only. One plain, one playful, one with a place in it. 'Rye' puns with 'wry' and 'awry'. Avoid names that sound like a bar, since rye is also whiskey. Give a word on each.",
    answer:
      "1. **Dark Crumb** – plain, and it says what is on the shelf.\n2. **Wry & Rye** – for a shop with a sense of humour.\n3. **The Sour Mill** – after the sourdough and the grain.",
  }],
  refusal: [{
    thought:
      "A colleague asks for the car and the user declines. Polite, friendly, but still a clear no, without made-up reasons. Perhaps offer help of another kind, such as a lift.",
    answer:
      "Thanks for asking! I'd rather not lend out my car, but if you tell me where you need to go, I'm happy to help you find another way.",
  }],
  bicycle: [{
    thought:
      "Brief list of checks. What costs most if broken: frame, drivetrain, wheels, brakes, and that it is not stolen. Size first, since nothing repairs that. Five points.",
    answer:
      "- **Size:** ride it first.\n- **Frame:** no cracks or dents, most of all at the welds.\n- **Wheels:** they spin true, and the spokes are tight.\n- **Chain and gears:** clean shifts, little play.\n- **Brakes:** firm, with pad left.\n- **Papers:** the frame number, and proof that it is theirs.",
  }],
  haiku: [
    {
      text: "<think>Five, seven, five. A lamp, a log file, dawn.</think>\nOne lamp, one log file",
      finish: "stop",
    },
    {
      thought:
        "Five, seven, five syllables. Night, a lamp, a log file; the turn at the end: the bug was small. 'One lamp, one log file' is five. 'the bug hides in line ninety' is seven. 'dawn: a missing dot' is five.",
      answer: "One lamp, one log file;\nthe bug hides in line ninety.\nDawn: a missing dot.",
    },
  ],
  meeting: [{
    thought:
      "One line that keeps the new day, the same time, and who brings what; the reason can go in two words.",
    answer: "Meeting is now on Thursday, same time (room being painted); Anna brings the slides.",
  }],
  lyrics: [{
    thought:
      "Whole lyrics of a song from 1985 are under copyright, so I shouldn't reproduce them. I can name a few hits of that year and offer to talk about one or to sum it up.",
    answer:
      "I can't give you whole lyrics, since they are under copyright. Hits of 1985 were “Take On Me”, “Running Up That Hill” and “Everybody Wants to Rule the World”: tell me which one you like, and I'll sum up what it is about.",
  }],
};

const GEMINI: Record<string, Said[]> = {
  ...GPT,
  apology: [{
    thought:
      "The goal is a short apology. The neighbour probably slept badly, so acknowledge that first, then promise to do better. Two sentences exactly. Leave a way to reach out.",
    answer:
      "I'm really sorry that my party kept you up last night. Next time I'll end it earlier and tell you beforehand, and please call me if it's ever too loud.",
  }],
  "hash-table": [{
    thought:
      "Explain by something from school: a library where the first letters of the title tell you the shelf. A child should see that the rule replaces the search. Mention that a shelf can hold several books. Finish with a question to keep the child thinking.",
    answer:
      "Think of a toy box with 26 drawers. Every toy goes into the drawer of its first letter: the **b**all into B, the **c**ar into C. When you want the ball you open drawer B at once and don't search the whole room. A computer does the same with a cleverer rule than the first letter. What could you do when drawer B gets too full?",
  }],
  bicycle: [{
    text:
      "<think>The user wants to be brief. Most important are size, frame, wheels, brakes and gears, and whether it might be stolen. I could go through the frame in detail first, since carbon and steel fail in different ways",
    finish: "length",
  }],
  haiku: [{
    thought:
      "Seventeen syllables with an image of night. A blinking cursor is quiet and alone. The last line should bring relief.",
    answer: "The cursor blinks on.\nOne more print, one more coffee.\nOh. The other file.",
  }],
  lyrics: [{ text: "", finish: "recitation" }],
};

/** About four characters a token. */
const tokens = (text: string) => Math.ceil(text.length / 4);

function writtenTeacher(name: string, said: Record<string, Said[]>): ChatModel {
  return {
    name,
    promptsForTags: false,
    concurrency: 1,
    reply({ id, messages, attempt }) {
      const attempts = said[id]!;
      const one = attempts[Math.min(attempt, attempts.length - 1)]!;
      const text = "text" in one ? one.text : renderSimulated(one);
      const finishReason = "text" in one ? one.finish : "stop";
      return Promise.resolve({
        text,
        reasoning: null,
        finishReason,
        finishReasonRaw: finishReason,
        usage: {
          prompt_tokens: tokens(messages.map(({ content }) => content).join("\n")) + 8,
          completion_tokens: tokens(text),
          reasoning_tokens: 0,
        },
      });
    },
    close: () => Promise.resolve(),
  };
}

if (import.meta.main) {
  const here = fileURLToPath(new URL(".", import.meta.url));
  for (const [name, said] of [["gpt-4.1-mini", GPT], ["gemini-2.5-flash", GEMINI]] as const) {
    const file = join(here, `${name}.jsonl`);
    await Deno.remove(file).catch(() => {});
    const teacher = await recordChat(writtenTeacher(name, said), file);
    const out = await Deno.makeTempDir();
    // The options of the notebook's call: they are part of every request.
    await sampleTeacher(
      { prompts: join(here, "prompts.jsonl"), model: `replay/${file}`, maxTokens: 1024, out },
      { context: { log: () => {} }, model: teacher },
    );
    await teacher.close();
    await Deno.remove(out, { recursive: true });
    console.log(file);
  }
}
