/** Where the embedded models and prompts are. Apart from their adapter, which loads a runtime. */
import { fileURLToPath } from "node:url";

const folder = (name: string) => fileURLToPath(new URL(`../../embedded/${name}`, import.meta.url));

/** The embedded base model: stage 1 makes prompted models of it. */
export const EMBEDDED_POLICY: string = folder("policy");
/** The embedded reward model. */
export const EMBEDDED_REWARD: string = folder("reward");
/** The embedded prompts: JSON Lines with `id`, `source`, `messages` and the `expected` answers. */
export const EMBEDDED_PROMPTS: string = folder("prompts.jsonl");
/** Prompts to train on, in the same form; none asks what one of {@link EMBEDDED_PROMPTS} asks. */
export const EMBEDDED_TRAIN_PROMPTS: string = folder("train_prompts.jsonl");
