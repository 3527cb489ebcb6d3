/** Made-up running text in many scripts: sentences, paragraphs, lists and code, no word of meaning. */

type Random = () => number;

interface Language {
  words: readonly string[];
  /** Between words: some scripts have nothing there. */
  space: string;
  comma: string;
  stop: string;
}

const language = (words: string, [space, comma, stop]: readonly [string, string, string]) => ({
  words: words.split(" "),
  space,
  comma,
  stop,
});
const WESTERN = [" ", ", ", ". "] as const, EASTERN = ["", "，", "。"] as const;

/** Of the rows half are in this one, which is ASCII alone. */
const english = language(
  "the of and to in is that for it as was with be by on not this have from or had an they which one you were all there would their we him been has when who will no more if out so up said what its about than into them can only other time number value because first two between where each after even answer question therefore equal result should follow remainder however possible together without another around nothing important difference consider property distance thousand language certain question another computation",
  WESTERN,
);
const others: readonly Language[] = [
  language(
    "и в не на что это как для быть который год слово мир день человек время рука дело жизнь вопрос ответ поэтому число первый второй между можно нужно если когда только также после сначала следует значение разница свойство вместе однако",
    WESTERN,
  ),
  language(
    "的 是 不 我 一 有 大 在 人 了 中 到 资 要 以 会 因为 所以 问题 答案 数字 如果 那么 第一 第二 之间 可以 应该 结果 时间 语言 方法 计算 首先 然后 最后 重要 不同 考虑 性质",
    EASTERN,
  ),
  language(
    "です これ それ ある なる 日本語 問題 答え 数 最初 次に しかし したがって 結果 時間 方法 計算 する から まで ので という 場合 必要 考える 違い 重要 一緒 同じ 値 言葉 と に を は が",
    ["", "、", "。"],
  ),
  language(
    "मैं है और का यह एक में की के लिए नहीं पर को से जो भी कर था प्रश्न उत्तर संख्या पहले दूसरा बीच अगर तब परिणाम समय भाषा विधि गणना महत्वपूर्ण अंतर विचार गुण साथ",
    [" ", ", ", "। "],
  ),
  language(
    "في من على هذا ذلك إلى لا أن ما هو كان مع كل بعد سؤال جواب عدد أول ثان بين إذا عندما نتيجة وقت لغة طريقة حساب مهم فرق خاصية معا لكن لأن يجب يمكن",
    [" ", "، ", ". "],
  ),
  language(
    "이 그 저 것 수 있다 하다 되다 않다 사람 질문 답 숫자 첫째 둘째 사이 만약 그러면 결과 시간 언어 방법 계산 중요한 차이 성질 함께 그러나 때문에 먼저 다음 마지막",
    WESTERN,
  ),
  language(
    "été où déjà même très après être français élève problème réponse nombre premier deuxième entre si alors résultat temps langue méthode calcul important différence propriété ensemble cependant parce que doit peut à la le les des une",
    WESTERN,
  ),
  language(
    "für über größer straße müssen können schließlich frage antwort zahl erste zweite zwischen wenn dann ergebnis zeit sprache verfahren rechnung wichtig unterschied eigenschaft zusammen jedoch weil der die das und nicht mit wäre hätte",
    WESTERN,
  ),
  language(
    "więcej są żeby już także część pytanie odpowiedź liczba pierwszy drugi między jeśli wtedy wynik czas język sposób obliczenie ważny różnica własność razem jednak ponieważ musi może nie na do się jest",
    WESTERN,
  ),
];

const code = "def total(values):\n    count = 0\n    for value in values:\n" +
  "        count += value\n    return count";

/** Text of about so many words, in one language: every second row's is English. */
export function runningText(random: Random, row: number, words: number): string {
  const own = row % 2 === 0 ? english : others[(row >> 1) % others.length]!;
  const parts: string[] = [];
  for (let left = words; left > 0;) {
    const [part, count] = paragraph(random, own, left);
    parts.push(part);
    left -= count;
  }
  return parts.join("\n\n");
}

/** A paragraph, a list, or now and then code; and its words. */
function paragraph(random: Random, own: Language, most: number): [string, number] {
  const kind = random();
  if (kind < 0.05) return [`\`\`\`python\n${code}\n\`\`\``, 15];
  const count = 2 + Math.floor(random() * 5);
  let words = 0;
  const sentences: string[] = [];
  while (sentences.length < count && words < most) {
    const length = Math.min(4 + Math.floor(random() * 16), most - words);
    sentences.push(sentence(random, own, length));
    words += length;
  }
  if (kind < 0.2) return [sentences.map((each) => `- ${each}`).join("\n"), words];
  return [sentences.join(own.stop) + own.stop.trimEnd(), words];
}

function sentence(random: Random, { words, space, comma }: Language, length: number): string {
  let text = "";
  for (let at = 0; at < length; at++) {
    if (at > 0) text += random() < 0.1 ? comma : space;
    // The first words of the list are the frequent ones, as in a language.
    if (random() < 0.03) text += String(Math.floor(random() * 10_000));
    else text += words[Math.floor(words.length * random() ** 2)]!;
  }
  return text.charAt(0).toUpperCase() + text.slice(1);
}
