// Written by deno task write-formats from the zod schemas; a test holds them equal.
/** The options of stages as plain types. */
import type { Variant, Format } from "./types.ts";

/** Options of builders of datasets. */
export interface DatasetOptions extends InputOptions {
  /** Folder for the dataset; it appears whole or not at all. */
  out: string;
  /** Replace another dataset that stands at --out. */
  overwrite?: boolean;
  /** Also write OUT/arrow, for datasets.load_from_disk. */
  saveToDisk?: boolean;
  /** Leave out prompts that repeat an earlier one, or nearly do (MinHash, 0.8). */
  dedupe?: "exact" | "near";
  /** Evaluation set: prompts that share a passage of 13 words with it are left out. */
  decontaminate?: string[];
  /** Leave out the prompts whose ids this file names: a line each, or rows with an id. */
  excludeIds?: string;
  /** What was decided by hand about prompts and pairs (explore writes it). */
  decisions?: string;
  /** Licence for the card, as the Hub names it (cc-by-4.0). */
  license?: string;
}

/** Options of builders whose rows hold replies. */
export interface ReplyRowOptions {
  /** Columns, order, joins and splits of the public scripts of RLMT. */
  compat?: "rlmt";
  /** Also OUT/export, JSON Lines as this program reads them, or for this kind of training. */
  export?: ("trl" | "axolotl" | "llama-factory" | "ms-swift" | "openrlhf" | "kto" | "reward-model" | "ranked")[];
  /** Where a thought stands in messages: tags in the content, a key beside it, or auto: where the tokenizer's chat template looks for it. Default: "inline". */
  reasoning?: "inline" | "reasoning_content" | "thinking" | "auto";
}

/** Options of stages that a judge may score for. */
export interface JudgeOptions extends PaidOptions {
  /** How judge/… looks at answers: marks for each, or two beside each other in both orders. Default: "pointwise". */
  judgeMode?: "pointwise" | "pairwise";
  /** Pairwise: how many others each answer meets, at two verdicts a meeting; of up to six answers all, where not given. Default: 5. */
  judgeRounds?: number;
  /** What a judge goes by (default: correct and helpful). */
  criterion?: string[];
  /** A judge's question of your own, with {prompt}, {criteria} and {answer}, or {answer_a} and {answer_b}. */
  judgePrompt?: string;
  /** Tokens of a verdict at most. Default: 1024. */
  judgeMaxTokens?: number;
  /** Keep a judge's requests and replies in this file for judge/replay/FILE. */
  record?: string;
}

/** Options of stages whose model may be paid for. */
export interface PaidOptions {
  /** Tokens for the model's own thinking, beside --max-tokens. */
  thinkingBudget?: number;
  /** OpenAI's API to speak (default: responses at OpenAI, chat elsewhere). */
  api?: "responses" | "chat";
  /** Google's SDK for gemini/NAME: @google/genai, or the older @google/generative-ai. Default: "genai". */
  geminiSdk?: "genai" | "generative-ai";
  /** Requests a minute at most. */
  rpm?: number;
  /** Tokens a minute at most. */
  tpm?: number;
  /** Say what the run would cost, and send nothing. */
  estimate?: boolean;
  /** Stop before this is spent, with what is in flight (each shard by itself). */
  maxCostUsd?: number;
  /** JSON file of prices that go before the built-in ones. */
  prices?: string;
  /** Through the batches of OpenAI or Gemini: cheaper, within a day. */
  batch?: boolean;
  /** Go on paying though more than half of the replies are of no use. */
  allowMalformed?: boolean;
}

/** Options of stages that give each prompt to a model. */
export interface RunOptions {
  /** Folder for the run; running again resumes it. */
  out: string;
  /** Only the first N prompts. */
  limit?: number;
  /** Work on part I of N (I/N, 0-based); else SLURM's or Kubernetes' array environment; none: on all. */
  shard?: string;
  /** Requests in flight at most; the model's own measure where not given. */
  concurrency?: number;
  /** Do again what an earlier run rejected for this reason, or for any: all. */
  retryRejects?: string[];
  /** Seconds that one item may take. Default: 600. */
  timeout?: number;
}

/** Options of stages that sample replies. */
export interface SamplingOptions {
  /** 0 is greedy. Default: 0.7. */
  temperature?: number;
  /** Nucleus. Default: 1. */
  topP?: number;
  /** Tokens a reply at most. Default: 4096. */
  maxTokens?: number;
  /** Server of the model. */
  baseUrl?: string[];
}

/** Options of stages that may run a model of `local/DIR`. */
export interface LocalModelOptions {
  /** Of local/DIR, the graph with weights of this type (onnx/model_fp16.onnx); where not given steps.onnx, else the first that is there, fp32 before others. */
  dtype?: "fp32" | "fp16" | "q8" | "int8" | "uint8" | "q4" | "q4f16" | "bnb4";
  /** Of local/DIR, what it runs on, where onnxruntime-node can; cpu where not given. */
  device?: "cpu" | "webgpu" | "cuda" | "tensorrt" | "coreml" | "dml";
}

/** Options of stages that read prompts. */
export interface PromptSourceOptions {
  /** Prompts: .json, .jsonl, .csv, .tsv (also .gz), .parquet, a folder of them, a run, a saved dataset, hf/OWNER/NAME. */
  prompts: string | string[];
  /** The column that holds the prompt. */
  promptKey?: string;
}

/** Options of stages that read rows. */
export interface InputOptions {
  /** The split to read where the input has several, or all. */
  split?: string;
  /** Of a dataset on the Hub (hf/OWNER/NAME), the configuration to read. */
  config?: string;
  /** Of a dataset on the Hub, the branch, tag or commit; main where not given. */
  revision?: string;
  /** Carry this column of the rows along, in extra: to datasets, frames and reports. */
  keep?: string[];
  /** Share of the input's rows that may be no prompt or record; such rows are rejected. Default: 0.01. */
  maxBadRows?: number;
  /** Read a run that is not finished. */
  allowPartial?: boolean;
}

/** Options of stages that hold answers against labels. */
export interface LabelOptions {
  /** Right answers: rows with an id and the column --label-key; the records' kept column where not given. */
  labels?: string;
  /** The column with the right answer, or a list of accepted ones. Default: "expected". */
  labelKey?: string;
  /** How an answer is held against its label; for other rules score with rule/NAME: the mean reward is then the share right. Default: "exact". */
  rule?: "exact" | "number" | "choice";
}

/** Options of stages that draw intervals. */
export interface IntervalOptions {
  /** For replies that do not say it (the public scripts' files). */
  format?: Format;
  /** Draws of the prompts for the 95% intervals. Default: 2000. */
  draws?: number;
  /** Seed of those draws. Default: 42. */
  seed?: number;
}

/** Options of `create-prompted-model`: gives a base model the chat template that asks for a thought and a response. */
export interface CreatePromptedModelOptions {
  /** Folder of the base model (Llama, Qwen 2, 2.5 or 3), or hf/OWNER/NAME on the Hub. */
  model: string;
  /** Folder for the prompted model. */
  out: string;
  /** Ask for a thought before the answer, or not. */
  variant: Variant;
  /** Document: the paper's words; rlmt: the released models'; or a Jinja file. Default: "document". */
  template?: string;
  /** How weights get there; a copy shares blocks where the file system can. Default: "copy". */
  weights?: "copy" | "hardlink" | "symlink";
  /** Token that ends a turn; <|eot_id|> for Llama, <|im_end|> for Qwen where not given. */
  eos?: string;
  /** Replace a prompted model that is there. */
  overwrite?: boolean;
}

/** Options of `sample-teacher`: asks a teacher for one thinking-annotated reply a prompt (stage 2a). */
export interface SampleTeacherOptions extends PaidOptions, RunOptions, SamplingOptions, LocalModelOptions, PromptSourceOptions, InputOptions {
  /** Teacher: embedded, local/DIR, openai/NAME, gemini/NAME, vllm/NAME, replay/FILE. */
  model: string;
  /** How the teacher thinks: planned in tags, planned in JSON, by itself, or not. Default: "simulated". */
  thinking?: "simulated" | "structured" | "native" | "none";
  /** En rejects prompts in other languages. Default: "any". */
  language?: "en" | "any";
  /** Times a faulty reply is asked for. Default: 3. */
  attempts?: number;
  /** Keep requests and replies in this file for replay/FILE. */
  record?: string;
  /** Seed of every random draw. Default: 42. */
  seed?: number;
}

/** Options of `build-sft`: builds SFT datasets, think or nothink, from a teacher's replies (stage 2b). */
export interface BuildSftOptions extends DatasetOptions, ReplyRowOptions {
  /** Teacher records: a run of sample-teacher, a file or a folder. */
  in: string | string[];
  /** With the teacher's thoughts, or without. Default: "think". */
  variant?: Variant;
  /** Both variants, OUT/think and OUT/nothink, from the same replies. */
  twins?: boolean;
  /** Tokenizer whose chat template renders text, a folder or hf/OWNER/NAME; of several, each gets OUT/NAME. */
  tokenizer: string[];
  /** Rejection sampling: of scored records, the best K answers of each prompt. */
  best?: number;
  /** With --best: the highest scores, or drawn at random as a control. Default: "best". */
  pick?: "best" | "random";
  /** With --best: answers of at least this score alone. */
  minScore?: number;
  /** With --best: for scored replies that do not say it (the public scripts' files). */
  format?: Format;
  /** What check-reward --out left of this reward: its table goes into the card; a check of another reward is refused. */
  rewardCheck?: string;
  /** Seed of --pick random. Default: 42. */
  seed?: number;
  /** Thoughts in earlier turns of a prompt: as they are; left out; left out before the last user's turn; or split: a row for each turn with a thought. Default: "keep". */
  historyThoughts?: "keep" | "drop" | "last" | "split";
  /** Leave out replies whose simulated thought was flagged. */
  dropFlagged?: boolean;
}

/** Options of `sample-policy`: samples n replies a prompt from the policy (stage 3a). */
export interface SamplePolicyOptions extends PaidOptions, RunOptions, SamplingOptions, LocalModelOptions, PromptSourceOptions, InputOptions {
  /** Policy: embedded, local/DIR, openai/NAME, gemini/NAME, vllm/NAME, replay/FILE. */
  model: string;
  /** Folder, or hf/OWNER/NAME on the Hub, whose chat template renders the prompts; the local model's own where not given. */
  tokenizer?: string;
  /** A variable of the chat template, as JSON or text: enable_thinking=false. */
  templateArg?: string[];
  /** What a reply looks like; what the prompted model's chat template asks for where not given. */
  format?: Format;
  /** Replies a prompt. Default: 8. */
  n?: number;
  /** 0 for all tokens. Default: 0. */
  topK?: number;
  /** For chat-think from a chat API: the provider's own reasoning, or a plan in tags. Default: "native". */
  thinking?: "native" | "simulated";
  /** Keep requests and replies in this file for replay/FILE with the same --tokenizer. */
  record?: string;
  /** Seed of every random draw. Default: 42. */
  seed?: number;
}

/** Options of `score-responses`: scores the answers alone with a reward model, thinking stripped (stage 3b). */
export interface ScoreResponsesOptions extends JudgeOptions, RunOptions, LocalModelOptions, InputOptions {
  /** Replies: a sample-policy run, or files of its records. */
  in: string | string[];
  /** Embedded, local/DIR, vllm/NAME, tei/NAME, sglang/NAME, rule/NAME, judge/PROVIDER/NAME, module/FILE.ts; of several, the first one's score is each reply's own and all are kept by name. */
  rewardModel: string | string[];
  /** Folder (or hf/OWNER/NAME) with the tokenizer and chat template of a served reward model; one for all of them or one each; vLLM's own template where not given. */
  rewardTokenizer?: string[];
  /** Tokens of prompt and answer together; a longer answer is cut at its end and counted. Default: 4096. */
  maxLength?: number;
  /** Server of the reward models; each model is found by its name. */
  baseUrl?: string[];
  /** Of rule/NAME, the column that answers are held against: of the records' rows, or one that was kept; it is kept on. */
  labelKey?: string;
  /** What module/FILE.ts may do beside reading its own folder: read=DIR, net=HOST, env=NAME, …. */
  moduleAllow?: string[];
  /** Of several reward models: each reply's own score is the mean of these by their weights. */
  weight?: string[];
  /** Of several reward models: a reply below X by this one (1 where not given) gets --gated-score. */
  gate?: string[];
  /** Score of replies that a --gate holds back: below all others. */
  gatedScore?: number;
  /** First hold the reward (of several the judge) against labels: end with status 1 where it ranks less than this share of pairs right, before the rest is scored. */
  floor?: number;
  /** For --floor: prompts with a right and a wrong answer to try it on. Default: 50. */
  trial?: number;
  /** For --floor: right answers, rows with an id and the column --label-key (expected where not given); the records' kept column where not given. */
  labels?: string;
  /** For --floor: how an answer is held against its label. Default: "exact". */
  rule?: "exact" | "number" | "choice";
  /** First score N answers alone and in one batch, and tell of differences. Default: 0. */
  checkParity?: number;
  /** For replies that do not say it (the public scripts' files). */
  format?: Format;
  /** Seed of every random draw. Default: 42. */
  seed?: number;
}

/** Options of `build-dpo`: builds a DPO dataset, train and validation, from scored replies (stage 3c). */
export interface BuildDpoOptions extends DatasetOptions, ReplyRowOptions {
  /** Scored records: a run of score-responses, a file or a folder. */
  in: string | string[];
  /** Reply format of chosen and rejected; needed for the public scripts' files, else as sampled. */
  format?: Format;
  /** Tokenizer (a folder, or hf/OWNER/NAME) whose chat template and tokens --max-length goes by. */
  tokenizer: string;
  /** Thoughts in earlier turns of a prompt: as they are; left out; or left out before the last user's turn. Default: "keep". */
  historyThoughts?: "keep" | "drop" | "last";
  /** Prompts with fewer scored replies are rejected. Default: 4. */
  minResponses?: number;
  /** Tokens of prompt and reply at most, on either side. Default: 8192. */
  maxLength?: number;
  /** Share of the prompts in train. Default: 0.97. */
  trainSplit?: number;
  /** Seed of the split (NumPy's) and of random strategies. Default: 42. */
  seed?: number;
  /** How pairs are chosen. Default: "best-worst". */
  strategy?: "best-worst" | "best-random" | "best-lowest-quartile" | "top-k-pairs" | "threshold" | "random" | "flipped";
  /** Pairs a prompt for top-k-pairs. Default: 2. */
  pairs?: number;
  /** The score for the strategy threshold. */
  threshold?: number;
  /** Least difference of the two scores. */
  minMargin?: number;
  /** The longer reply at most X times as long as the other. */
  maxLengthRatio?: number;
  /** Reject the reply nearest in length to the chosen, of those that the strategy allows. */
  lengthMatched?: boolean;
  /** Of replies of several models, both sides of a pair from the same one, or from different ones. Default: "any". */
  pairModels?: "any" | "same" | "different";
  /** A malformed reply may be the rejected side, in its own text. */
  rejectMalformed?: boolean;
  /** The score to go by: score (the first reward model's), one reward model's NAME, or mean or min of all, each standardized over the run. Default: "score". */
  score?: string;
  /** Also a configuration all_responses, with every reply and score. */
  withAllResponses?: boolean;
  /** End with status 1, and no dataset, where there is more of NAME than X: length (Cohen's d of the chosen side's length over the rejected side's), form (pairs whose sides differ in white space, markdown and case alone), near (pairs whose sides share four fifths of their three-word runs), source (pairs of the one most frequent source), pattern (chosen answers that begin, or end, with the same four words), copied (pairs with an answer that copies 13 words of its prompt), duplicates (prompts of validation that stand, or nearly stand, in train). */
  gate?: string[];
  /** What check-reward --out left of this reward: its table goes into the card; a check of another reward is refused. */
  rewardCheck?: string;
}

/** Options of `build-rl`: builds a dataset of prompts in verl's schema. */
export interface BuildRlOptions extends DatasetOptions, PromptSourceOptions {
  /** Data_source of every row: verl chooses the reward function by it. Default: "thinkset". */
  dataSource?: string;
  /** Ability of every row. Default: "chat". */
  ability?: string;
  /** The column with the right answer; then reward_model.style is rule, else model. */
  groundTruthKey?: string;
  /** Prompts to hold out. Default: 0. */
  validation?: number;
  /** Seed of the order (NumPy's). Default: 42. */
  seed?: number;
}

/** Options of `check-reward`: how far a reward is to be trusted, against labels, a rule or a judge. */
export interface CheckRewardOptions extends LabelOptions, IntervalOptions {
  /** Scored runs, or files of their records. */
  in: string | string[];
  /** The reward to check: score (each reply's own), or a reward model's NAME of several. Default: "score". */
  score?: string;
  /** Hold it against this reward model's scores in the same records (a rule's, a judge's) instead of labels. */
  against?: string;
  /** Also probe the reward itself (prompt, ends, batches, white space): embedded, local/DIR, vllm/NAME, tei/NAME, sglang/NAME, rule/NAME, judge/PROVIDER/NAME, module/FILE.ts. */
  rewardModel?: string;
  /** Folder (or hf/OWNER/NAME) with the tokenizer and chat template of a served reward model. */
  rewardTokenizer?: string;
  /** Server of the reward model to probe. */
  baseUrl?: string[];
  /** What a module/FILE.ts to probe may do beside reading its own folder. */
  moduleAllow?: string[];
  /** Prompts to probe it on. Default: 24. */
  probes?: number;
  /** Tokens of prompt and answer together, as in score-responses. Default: 4096. */
  maxLength?: number;
  /** End with status 1 where the share of pairs ranked right is below this. */
  floor?: number;
  /** Write all figures here (build-dpo --reward-check puts them into a dataset's card). */
  out?: string;
}

/** Options of `check-training`: tells what a trainer would learn of a dataset, token by token; exit 1 on a broken rule. */
export interface CheckTrainingOptions {
  /** A dataset for SFT or DPO: a builder's OUT, or files of its rows. */
  in: string;
  /** Folder (or hf/OWNER/NAME) of the tokenizer that the training will use, with its chat template. */
  tokenizer: string;
  /** Whose rendering and mask; may be repeated. Default: ["trl"]. */
  trainer?: ("trl" | "verl" | "axolotl" | "llama-factory" | "ms-swift")[];
  /** Configuration of the dataset; where not given, the one that the trainer should read. */
  config?: string;
  /** Split to read. Default: "all". */
  split?: string;
  /** Tokens a sequence, as the training will be set; the trainer's own default where not given. */
  maxLength?: number;
  /** A setting of the trainer by its own name, as template=qwen3 or enable_thinking=false; may be repeated. */
  set?: string[];
  /** TRL alone, for rows of messages: as SFTConfig(assistant_only_loss=True). */
  assistantOnlyLoss?: boolean;
  /** A rule that rows may break; may be repeated. */
  allow?: ("template_refuses" | "trainer_refuses" | "not_followed" | "thought_not_learnt" | "thought_twice" | "thought_altered" | "thought_cut" | "wrong_key" | "literal_tag" | "empty_thought" | "closes_thought" | "inside_thought" | "answer_not_learnt" | "answer_cut" | "prompt_cut" | "nothing_learnt" | "end_missing" | "end_not_learnt" | "end_not_eos" | "end_twice" | "no_bos" | "two_bos" | "prompt_learnt" | "prompt_not_prefix" | "sides_equal" | "sides_equal_cut" | "sides_differ_in_form")[];
  /** Print the tokens of a row, by its id or its number from 1, and whether each is learnt. */
  show?: string;
  /** Rows to check at most. */
  limit?: number;
  /** Keep what was found in the dataset's folder: the report shows it, and push adds it to the card. */
  save?: boolean;
  /** Write a line of JSON for every broken rule of every row. */
  out?: string;
}

/** Options of `evaluate`: shares right and malformed, mean reward and best of k of scored runs, with intervals. */
export interface EvaluateOptions extends LabelOptions, IntervalOptions {
  /** A scored run, or a file of its records; each is a line of the table. */
  in: string | string[];
  /** The scored run that the others are set against, prompt by prompt. */
  against?: string;
  /** Also print what is right by source. */
  bySource?: boolean;
  /** Write all figures here, by source too. */
  out?: string;
}

/** Options of `explore`: a local page to look through runs and datasets, and to decide on prompts by hand. */
export interface ExploreOptions {
  /** A run, a dataset (hf/OWNER/NAME too), a trainer's completions, a public script's file, or a folder of runs. */
  in: string | string[];
  /** The split to read where the input has several, or all. */
  split?: string;
  /** Of a dataset on the Hub (hf/OWNER/NAME), the configuration to read. */
  config?: string;
  /** Of a dataset on the Hub, the branch, tag or commit; main where not given. */
  revision?: string;
  /** Where decisions are read from and added to; build-sft and build-dpo take it too. */
  decisions?: string;
  /** Port on 127.0.0.1; 0 is any that is free. Default: 0. */
  port?: number;
  /** Open a browser; --no-open prints the address alone. Default: true. */
  open?: boolean;
  /** Write a folder of static files that shows the same, and end. */
  bundle?: string;
  /** Folder of the tokenizer of a training: a dataset's rows are shown token by token, as learnt. */
  tokenizer?: string;
  /** Whose rendering and mask, with --tokenizer. Default: "trl". */
  trainer?: "trl" | "verl" | "axolotl" | "llama-factory" | "ms-swift";
  /** The page's heading; default: the inputs' names. */
  title?: string;
  /** For replies that do not say it (the public scripts' files). */
  format?: Format;
}

/** Options of `push`: puts a dataset on the Hugging Face Hub; a dry run unless told otherwise. */
export interface PushOptions {
  /** A dataset that a builder made. */
  in: string;
  /** The dataset's name on the Hub: OWNER/NAME. */
  repo: string;
  /** Branch to commit to. Default: "main". */
  branch?: string;
  /** Make the repository private where it is made. Default: true. */
  private?: boolean;
  /** Only say what would be pushed; --no-dry-run pushes, with the token in HF_TOKEN. Default: true. */
  dryRun?: boolean;
  /** Another Hub; else HF_ENDPOINT, else https://huggingface.co. */
  hubUrl?: string;
}

/** Options of `report`: one self-contained HTML page of plots and samples for any runs and datasets. */
export interface ReportOptions extends LabelOptions {
  /** A run, a dataset, or a file of records. */
  in: string | string[];
  /** The page. */
  out: string;
  /** The page's heading. Default: "thinkset report". */
  title?: string;
  /** Records to read, of each input. Default: 8. */
  samples?: number;
  /** Rows or records to take of each input at most, spread over it; default: all. */
  rows?: number;
  /** Seed of the sample. Default: 42. */
  seed?: number;
  /** For replies that do not say it (the public scripts' files). */
  format?: Format;
  /** Replace a file at --out that is no report. */
  overwrite?: boolean;
}

/** Options of `verify`: recomputes hashes, counts and the ledger of runs and datasets; exit 1 on a difference. */
export interface VerifyOptions {
  /** A run, a dataset, or a folder of them. */
  in: string | string[];
  /** Follow a dataset back to its replies, models and prompts by their hashes. */
  lineage?: boolean;
  /** Print what failed and the last line alone. */
  quiet?: boolean;
  /** Tell what became of the prompt with this id. */
  trace?: string;
}
