import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aiWordByCapitals, aiWordOf, categoryWordOf } from '../../src/catalog/ai-words.ts';
import { formOf, nameForms, readDisguised, readName } from '../../src/catalog/normalise.ts';
import { isCredential, readSecretName } from '../../src/catalog/secret-name.ts';
import { skeletonOf, visibleLetters, weightOf } from '../../src/catalog/skeleton.ts';

function aiLike(name: string): string | undefined {
  return aiWordOf(name.split(' '));
}

function secretForms(name: string): readonly string[] {
  return readSecretName(name).forms;
}

/** The spellings of the name as the eye reads it. */
function seenForms(name: string): string[] {
  const seen = readDisguised(readName(name));
  return seen ? seen.counts.map((count) => formOf(seen.words, count)) : [];
}

describe('the spellings of a display name', () => {
  test('are the name without case and punctuation, then without one word of its tail after the other', () => {
    expect(nameForms('  Otter.ai Meeting-Notetaker v2! ')).toEqual([
      'otter ai meeting notetaker v2',
      'otter ai meeting notetaker',
      'otter ai meeting',
      'otter ai',
    ]);
    expect(nameForms('Quill')).toEqual(['quill']);
  });

  test('are free of a company form, a platform, an environment and a number at the end', () => {
    const shortest = (name: string) => nameForms(name).at(-1);
    expect([
      shortest('Quill Inc.'),
      shortest('Quill Labs GmbH'),
      shortest('Quill for Google Sheets'),
      shortest('Quill 2026 10'),
      shortest('Quill 3D'),
      shortest('Quill GPT4'),
      shortest('Quill prod'),
      shortest('Quill, the app'),
    ]).toEqual(['quill', 'quill', 'quill', 'quill', 'quill 3d', 'quill gpt4', 'quill', 'quill the']);
  });

  test('keep the words of a tail where they stand before the name', () => {
    expect(nameForms('App for Quill')).toEqual(['app for quill']);
  });

  test('never lose the last word that is left, also where it is one of a tail', () => {
    expect(nameForms('Meeting Assistant')).toEqual(['meeting assistant', 'meeting']);
    expect(nameForms('42')).toEqual(['42']);
  });

  test.each([
    'Quill: writes letters',
    'Quill | letters',
    'Quill – letters',
    'Quill — letters',
    'Quill - letters',
    'Quill (letters)',
    'Quill [letters]',
  ])('leave out a subtitle: %s', (name) => {
    expect(nameForms(name).at(-1)).toBe('quill');
    expect(nameForms(name)).toHaveLength(2);
  });

  test('take a hyphen within a name for part of it, and a border before the first word for none', () => {
    expect(nameForms('Quill-pen')).toEqual(['quill pen']);
    expect(nameForms('(Quill) pen')).toEqual(['quill pen']);
    expect(nameForms('- Quill pen')).toEqual(['quill pen']);
  });

  test('leave out all from the first border on', () => {
    expect(nameForms('Quill: letters - and more')).toEqual(['quill letters and more', 'quill']);
  });

  test('have letters of every script', () => {
    expect([nameForms('Équipe'), nameForms('Перо · 筆'), nameForms('😀 Quill')]).toEqual([['équipe'], ['перо 筆'], ['quill']]);
  });

  test('leave out the platform before the subtitle too', () => {
    expect(nameForms('Quill for Gmail: letters')).toEqual(['quill for gmail letters', 'quill for gmail', 'quill for', 'quill']);
  });

  test('leave out the maker: what stands before "by"', () => {
    expect(nameForms('Quill-Pen by Acme')).toEqual(['quill pen by acme', 'quill pen']);
    expect(nameForms('Quill  by   Acme by Bolt')).toEqual(['quill by acme by bolt', 'quill']);
    expect(nameForms('Stand by')).toEqual(['stand by']);
    expect(nameForms('Quill byline')).toEqual(['quill byline']);
    expect(nameForms('by Acme')).toEqual(['by acme']);
    expect(nameForms('™ by Acme')).toEqual(['tm by acme', 'tm']);
    expect(nameForms('* by Acme')).toEqual(['by acme']);
  });

  test('are none of nothing', () => {
    expect(nameForms('')).toEqual([]);
    expect(nameForms(' -- ')).toEqual([]);
  });

  test('are one for every way to write the same letter', () => {
    expect(nameForms('Ｑｕｉｌｌ')).toEqual(['quill']);
    expect(nameForms('Cafe\u0301')).toEqual(nameForms('Café'));
  });

  test('end after 256 characters, of which one outside the basic plane is one', () => {
    expect(nameForms(`${'a'.repeat(256)}b`)).toEqual(['a'.repeat(256)]);
    expect(nameForms(`${'𐐨'.repeat(255)}ab`)).toEqual([`${'𐐨'.repeat(255)}a`]);
    expect(nameForms(`${' '.repeat(256)}quill`)).toEqual([]);
    expect(nameForms(`${'\u200b'.repeat(256)}quill`)).toEqual([]);
    expect(seenForms(`${'\u200b'.repeat(256)}quill`)).toEqual([]);
  });
});

describe('a name in disguise', () => {
  // Letters that Unicode lists as drawn like the Latin one before them, and accents; a capital stands for its small letter too.
  test.each([
    ['a', 'аαɑáÀАΑ'],
    ['b', 'вβВΒ'],
    ['c', 'сСç'],
    ['d', 'ԁ'],
    ['e', 'еεЕéΕ'],
    ['g', 'ɡ'],
    ['h', 'һнНΗ'],
    ['i', 'іιıІïӏ'],
    ['j', 'јЈ'],
    ['k', 'кκΚ'],
    ['n', 'ηñΝ'],
    ['o', 'оοОöՕഠ'],
    ['p', 'рρРΡ'],
    ['q', 'ԛ'],
    ['r', 'г'],
    ['s', 'ѕЅ'],
    ['t', 'тτТΤ'],
    ['u', 'υü'],
    ['v', 'ѵν'],
    ['w', 'ԝ'],
    ['x', 'хχХΧ'],
    ['y', 'уУΥ'],
    ['z', 'ᴢΖ'],
  ])('is also read with %s for its look-alikes', (letter, lookAlikes) => {
    for (const one of lookAlikes) expect(skeletonOf(visibleLetters(`q${one}z`)), one).toBe(skeletonOf(`q${letter}z`));
  });

  test('may have a bar for an l within a word; elsewhere a bar is a border', () => {
    expect(seenForms('Qui|l')).toEqual(['quill']);
    expect(seenForms('Quill | letters')).toEqual(['quill letters', 'quill']);
  });

  test('is also read without what cannot be seen', () => {
    for (const invisible of [
      '\u200b',
      '\u200d',
      '\u2060',
      '\ufeff',
      '\u00ad',
      '\u202e',
      '\u034f',
      '\u115f',
      '\u1160',
      '\u3164',
      '\uffa0',
      '\u2800',
    ])
      expect(seenForms(`Qu${invisible}ill${invisible}`), JSON.stringify(invisible)).toContain('quill');
  });

  test('of plain ASCII is read once: its disguise is in digits and letters that the skeleton folds', () => {
    expect(readDisguised(readName('Qu1ll app'))).toBeUndefined();
    expect(seenForms('Quіll app')).toEqual(['quill app', 'quill']);
  });

  test.each([
    ['0penAI', 'OpenAI'],
    ['OpenAl', 'OpenAI'],
    ['C1aude', 'Claude'],
    ['Gernini', 'Gemini'],
    ['Chat GPT', 'ChatGPT'],
  ])('has the skeleton of what it looks like: %s and %s', (disguised, name) => {
    expect(skeletonOf(disguised.toLowerCase())).toBe(skeletonOf(name.toLowerCase()));
    expect(skeletonOf(disguised.toLowerCase())).not.toBe(skeletonOf(`${name.toLowerCase()}s`));
  });

  test('has the number of its skeleton, and another number than other names', () => {
    const numberOf = (text: string) => [...text].reduce((sum, letter) => (sum + weightOf(letter.charCodeAt(0))) | 0, 0);
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'abim01lorn ') }), (text) => numberOf(text) === numberOf(skeletonOf(text))));
    const words = ['openai', 'claude', 'gemini', 'copilot', 'cursor', 'weather', 'calendar', 'ao', 'bn', 'cm', 'ap'];
    expect(new Set(words.map(numberOf)).size).toBe(words.length);
  });
});

describe('a name speaks of AI', () => {
  test.each(['ai', 'gpt', 'gpt3', 'gpt4', 'gpt5', 'llm', 'llms', 'genai', 'openai', 'chatbot', 'agentic'])(
    'by the word %s, wherever it stands, and not by its letters within another',
    (word) => {
      expect([aiLike(word), aiLike(`my ${word} helper`), aiLike(`x${word}`), aiLike(`${word}x`)]).toEqual([
        word,
        word,
        undefined,
        undefined,
      ]);
    },
  );

  test('by the first such word', () => {
    expect(aiLike('llm and gpt')).toBe('llm');
  });

  test.each(['law', 'laws', 'legal', 'degree', 'programme', 'program', 'admissions', 'alumni', 'students'])(
    'not by "llm" beside "%s": a master of laws is no language model',
    (word) => {
      expect([aiLike(`llm ${word}`), aiLike(`${word} of the llm`), aiLike(`llms ${word}`)]).toEqual([undefined, undefined, 'llms']);
    },
  );

  test.each(['weiwei', 'adobe', 'illustrator', 'vector'])('not by "ai" beside "%s": an artist, or a file of drawings', (word) => {
    expect([aiLike(`ai ${word}`), aiLike(`${word} gpt`)]).toEqual([undefined, 'gpt']);
  });

  test('by another word beside one that has its older meaning', () => {
    expect(aiLike('llm law chatbot')).toBe('chatbot');
  });

  test('by "gpt" at the end of a word of six letters or more', () => {
    expect([aiLike('sitegpt'), aiLike('egpt travel'), aiLike('gptsite')]).toEqual(['sitegpt', undefined, undefined]);
  });

  test('by capitals that set the word apart', () => {
    expect(['WordyAI', 'Wordy GPTs', 'AIWriter', 'GPTZero', 'MAIL', 'Ai Weiwei', 'KAISER', 'DAISy', 'BRAIN'].map(aiWordByCapitals)).toEqual(
      ['ai', undefined, 'ai', 'gpt', undefined, undefined, undefined, undefined, undefined],
    );
  });

  test('and of a kind of product by a word of its category alone', () => {
    expect(categoryWordOf(['my', 'notetaker'], 'meeting-notetakers')).toBe('notetaker');
    expect(categoryWordOf(['my', 'notetaker'], 'writing')).toBeUndefined();
    expect(categoryWordOf(['my', 'notetaker'], 'no such category')).toBeUndefined();
  });

  test('not by nothing', () => {
    expect(aiLike('')).toBeUndefined();
  });
});

describe('the spellings of the name of a secret', () => {
  test('are the name itself, in capitals with one line between words, then without what teams put around it', () => {
    expect(secretForms('/prod/acme.api-key')).toEqual(['PROD_ACME_API_KEY', 'ACME_API_KEY', 'API_KEY']);
    expect(secretForms('acme.api-key')).toEqual(['ACME_API_KEY', 'API_KEY']);
    expect(secretForms('prod--ACME__api_key__')).toEqual(['PROD_ACME_API_KEY', 'ACME_API_KEY', 'API_KEY']);
    expect(secretForms('NEXT_PUBLIC_ACME_KEY_STAGING_2')).toEqual(['NEXT_PUBLIC_ACME_KEY_STAGING_2', 'ACME_KEY']);
  });

  test.each(
    (
      'PROD PRODUCTION PREPROD STAGING STAGE STG DEV DEVELOPMENT TEST TESTING QA UAT SANDBOX LIVE CI LOCAL NEXT PUBLIC VITE REACT APP EXPO NUXT ' +
      'GATSBY TF VAR MY ORG COMPANY TEAM SHARED GLOBAL DEFAULT NEW OLD TMP TEMP BACKUP V1 V2 V3 1 2 3'
    ).split(' '),
  )('leave out %s on either side, and nothing that only begins so', (word) => {
    expect(secretForms(`${word}_KEY_${word}`)).toEqual([`${word}_KEY_${word}`, 'KEY']);
    expect(secretForms(`${word}X_KEY`)).toEqual([`${word}X_KEY`]);
  });

  test('leave out words of the team, and never come down to one word that way', () => {
    expect(secretForms('A_B_C_D_E')).toEqual(['A_B_C_D_E', 'B_C_D_E', 'C_D_E', 'D_E']);
    expect(secretForms('A_B_C')).toEqual(['A_B_C', 'B_C']);
    expect(secretForms('A_B')).toEqual(['A_B']);
    expect(secretForms('DEV_A_B_C_D_TEST')).toEqual(['DEV_A_B_C_D_TEST', 'A_B_C_D', 'B_C_D', 'C_D']);
  });

  test('keep a last word, whatever it is', () => {
    expect(secretForms('PROD')).toEqual(['PROD']);
    expect(secretForms('PROD_DEV')).toEqual(['PROD_DEV', 'DEV']);
    expect(secretForms('KEY_DEV')).toEqual(['KEY_DEV', 'KEY']);
  });

  test('end after 256 characters', () => {
    expect(secretForms('a'.repeat(300))).toEqual(['A'.repeat(256)]);
  });

  test('of nothing are nothing', () => {
    expect(secretForms('')).toEqual(['']);
  });

  test('are said to name a kind of credential alone, in any case', () => {
    expect([isCredential(['API', 'KEY']), isCredential(['api', 'token']), isCredential(['ACME', 'KEY']), isCredential([])]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
