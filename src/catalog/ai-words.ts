/** Words that makers of AI tools put into names; compared as whole words. */
export const AI_WORDS: ReadonlySet<string> = new Set(
  'ai gpt gpts chatgpt gpt3 gpt4 gpt4o gpt5 llm llms genai openai chatbot chatbots agentic copilots mcp'.split(' '),
);

/** A word that gives an AI word its older meaning: a master of laws is no language model. */
const OTHERWISE: Readonly<Record<string, ReadonlySet<string>>> = {
  llm: new Set(['law', 'laws', 'legal', 'degree', 'programme', 'program', 'admissions', 'alumni', 'students']),
  ai: new Set(['weiwei', 'adobe', 'illustrator', 'vector']),
};

/** The word by which a name speaks of AI, if it does. */
export function aiWordOf(words: readonly string[]): string | undefined {
  for (const word of words) if (isAiWord(word) && !(OTHERWISE[word] && words.some((other) => OTHERWISE[word]!.has(other)))) return word;
  return undefined;
}

function isAiWord(word: string): boolean {
  return AI_WORDS.has(word) || endsWithAi(word);
}

/** SiteGPT, written small: with three letters or more before it, because "Egpt" is none. */
export function endsWithAi(word: string): boolean {
  return word.length > 5 && word.endsWith('gpt');
}

/** "WordyAI", "AIWriter": the maker's capitals say that AI is a word of its own. Made where it is needed, as Unicode's properties take their time. */
const capitals = () => /\p{Ll}(AI|GPT|LLM)(?![\p{L}])|(?<![\p{L}])(AI|GPT|LLM)\p{Lu}\p{Ll}/u;

/** The AI word that only the capitals of a name set apart, in small letters. */
export function aiWordByCapitals(name: string): string | undefined {
  if (!name.includes('AI') && !name.includes('GPT') && !name.includes('LLM')) return undefined;
  const found = capitals().exec(name);
  return found ? (found[1] ?? found[2])!.toLowerCase() : undefined;
}

/** Words that go with a category of products: beside a name that others use too, they say which of them is meant. */
const SPEAKS_OF: Readonly<Record<string, ReadonlySet<string>>> = {
  'agent-platforms': new Set(['agent', 'agents']),
  'coding-agents': new Set(['code', 'coding', 'ide', 'editor', 'reviewer']),
  'data-and-vector-stores': new Set(['vector', 'embeddings']),
  'image-video-voice': new Set(['avatar', 'avatars', 'image', 'music', 'speech', 'video', 'voice']),
  'meeting-notetakers': new Set(['meeting', 'meetings', 'notes', 'notetaker', 'recorder', 'transcription', 'transcripts']),
  'model-apis': new Set(['inference', 'models']),
  presentations: new Set(['deck', 'decks', 'presentations', 'slides']),
  writing: new Set(['grammar', 'paraphraser', 'rewriter']),
};

/** The word that a name shares with a category, if it does. */
export function categoryWordOf(words: readonly string[], category: string): string | undefined {
  const speaks = SPEAKS_OF[category];
  return speaks && words.find((word) => speaks.has(word));
}
