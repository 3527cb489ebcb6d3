"""The exact texts: prompts in the project's templates, well-formed replies, and the ways a reply breaks its format."""

from random import Random

from question import Question

OPENING = {
    "think": "A conversation between User and Assistant. Following the User's query, the Assistant first plans a "
    "response, and then provides the response. The internal reasoning process is enclosed within <think> </think> "
    "tags and the response is enclosed within <response> </response> tags, i.e., in the format <think> reasoning "
    "process here </think> <response> response here </response>.",
    "nothink": "A conversation between User and Assistant. The user asks a question, and the assistant provides a "
    "response. The response is enclosed within <response> </response> tags, i.e., <response> response </response>.",
}
SYSTEM = [
    "You are a helpful assistant.",
    "Answer in one short sentence.",
    "Be brief and correct.",
    "You are a teacher. Answer the question.",
    "Answer the last question.",
]
EOS = "</s>"


def conversation(turns: list[dict[str, str]], form: str = "document") -> str:
    """What follows the opening paragraph: the messages, and 'Assistant:' where the reply begins."""
    gap, pad = ("\n\n", "") if form == "rlmt" else ("\n", " ")
    text = gap
    for turn in turns:
        if turn["role"] == "system":
            text += turn["content"] + gap
        elif turn["role"] == "user":
            text += f"User: <query>{pad}{turn['content']}{pad}</query>\n"
        else:
            text += f"Assistant: {turn['content']}{EOS}\n"
    return text + "Assistant:"


def reply(variant: str, thought: str, answer: str) -> str:
    """A well-formed reply, as it continues 'Assistant:'."""
    think = f"<think> {thought} </think>\n" if variant == "think" else ""
    return f" {think}<response> {answer} </response>"


def broken(variant: str, thought: str, answer: str, rng: Random) -> str:
    """A reply that breaks its format. In think, ' <think>' always stands first: sampling prefills it."""
    if variant == "think":
        return rng.choice(
            [
                f" <think> {thought}\n<response> {answer} </response>",  # </think> missing
                f" <think> {thought} </think>\n{answer} </response>",  # <response> missing
                f" <think> {thought} </think>\n<response> {answer}",  # </response> missing
                f" <think> <think> {thought} </think>\n<response> {answer} </response>",  # nested
                f" <think> {thought} </think>\n<think> {thought} </think>\n<response> {answer} </response>",  # repeated
                f" <think> </think>\n<response> {answer} </response>",  # empty thought
                f" <think> {thought} </think>\n<response> </response>",  # empty answer
                f" <think> {thought}",  # stops early
            ]
        )
    return rng.choice(
        [
            f" {answer} </response>",
            f" {answer}",
            f" <response> {answer}",
            " <response> </response>",
            f" <response> <response> {answer} </response>",
            f" <think> {thought} </think>\n<response> {answer} </response>",
        ]
    )


def taught(question: Question, variant: str, rng: Random, wrong: float, malformed: float) -> str:
    """The reply that the policy learns from: now and then wrong on purpose, now and then malformed on purpose."""
    value = rng.choice(question.wrong) if rng.random() < wrong else question.right
    parts = question.thought(value), question.answer(value, rng)
    return broken(variant, *parts, rng) if rng.random() < malformed else reply(variant, *parts)


def turns_before(question: Question, rng: Random, draw) -> list[dict[str, str]]:
    """Mostly the query alone; one in twenty has a system message, one in twenty an earlier turn."""
    turns, kind = [{"role": "user", "content": question.query}], rng.random()
    if kind < 0.05:
        return [{"role": "system", "content": rng.choice(SYSTEM)}] + turns
    if kind < 0.10:
        earlier = draw(rng)
        answer = earlier.answer(earlier.right, rng)
        return [{"role": "user", "content": earlier.query}, {"role": "assistant", "content": answer}] + turns
    return turns
