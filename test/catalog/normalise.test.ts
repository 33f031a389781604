import { describe, expect, test } from 'vitest';
import { aiLike, nameForms, secretForms } from '../../src/catalog/normalise.ts';

describe('the spellings of a display name', () => {
  test('are the name without case and punctuation, then without one word of its tail after the other', () => {
    expect(nameForms('  Otter.ai — Meeting-Notetaker (v2) ')).toEqual({
      plain: ['otter ai meeting notetaker v2', 'otter ai meeting notetaker', 'otter ai meeting', 'otter ai'],
      undisguised: [],
    });
    expect(nameForms('Quill').plain).toEqual(['quill']);
  });

  test('are free of a company form, a platform, an environment and a number at the end', () => {
    const shortest = (name: string) => nameForms(name).plain.at(-1);
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
    expect(nameForms('App for Quill').plain).toEqual(['app for quill']);
  });

  test('never lose the last word that is left, also where it is one of a tail', () => {
    expect(nameForms('Meeting Assistant').plain).toEqual(['meeting assistant', 'meeting']);
    expect(nameForms('42').plain).toEqual(['42']);
  });

  test('leave out the maker: what stands before "by"', () => {
    expect(nameForms('Quill-Pen by Acme').plain).toEqual(['quill pen by acme', 'quill pen']);
    expect(nameForms('Quill  by   Acme by Bolt').plain).toEqual(['quill by acme by bolt', 'quill']);
    expect(nameForms('Stand by').plain).toEqual(['stand by']);
    expect(nameForms('Quill byline').plain).toEqual(['quill byline']);
    expect(nameForms('by Acme').plain).toEqual(['by acme']);
    expect(nameForms('™ by Acme').plain).toEqual(['tm by acme', 'tm']);
    expect(nameForms('* by Acme').plain).toEqual(['by acme']);
  });

  test('are none of nothing', () => {
    expect(nameForms('')).toEqual({ plain: [], undisguised: [] });
    expect(nameForms(' -- ')).toEqual({ plain: [], undisguised: [] });
  });

  test('are one for every way to write the same letter', () => {
    expect(nameForms('Ｑｕｉｌｌ').plain).toEqual(['quill']);
    expect(nameForms('Cafe\u0301').plain).toEqual(nameForms('Café').plain);
  });

  test('end after 256 characters, of which one outside the basic plane is one', () => {
    expect(nameForms(`${'a'.repeat(256)}b`).plain).toEqual(['a'.repeat(256)]);
    expect(nameForms(`${'𐐨'.repeat(255)}ab`).plain).toEqual([`${'𐐨'.repeat(255)}a`]);
    expect(nameForms(`${' '.repeat(256)}quill`).plain).toEqual([]);
    expect(nameForms(`${'\u200b'.repeat(256)}quill`)).toEqual({ plain: [], undisguised: [] });
  });
});

describe('a name in disguise', () => {
  // As a reader sees them: each of these is drawn like the Latin letter before it.
  test.each([
    ['a', 'аαɑáÀ'],
    ['b', 'вβВ'],
    ['c', 'сСç'],
    ['d', 'ԁ'],
    ['e', 'еεЕé'],
    ['g', 'ɡ'],
    ['h', 'һнН'],
    ['i', 'іιıІï'],
    ['j', 'јЈ'],
    ['k', 'кκ'],
    ['l', 'ӏ1'],
    ['m', 'мМ'],
    ['n', 'ηñ'],
    ['o', 'оοО0ö'],
    ['p', 'рρР'],
    ['q', 'ԛ'],
    ['r', 'г'],
    ['s', 'ѕЅ'],
    ['t', 'тτТ'],
    ['u', 'цυü'],
    ['v', 'ѵν'],
    ['w', 'ԝ'],
    ['x', 'хχХ'],
    ['y', 'уУ'],
    ['z', 'ᴢ'],
  ])('is also read with %s for its look-alikes', (letter, lookAlikes) => {
    for (const one of lookAlikes) expect(nameForms(`q${one}z`).undisguised, one).toEqual([`q${letter}z`]);
  });

  test('may have a bar for an l', () => {
    expect(nameForms('Qui|l')).toEqual({ plain: ['qui l'], undisguised: ['quill'] });
  });

  test('is also read without what cannot be seen', () => {
    for (const invisible of ['\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u202e', '\u034f', '\u115f', '\u1160', '\u3164', '\uffa0'])
      expect(nameForms(`Qu${invisible}ill${invisible}`).undisguised, JSON.stringify(invisible)).toContain('quill');
  });

  test('has only those further spellings that it does not have anyway', () => {
    expect(nameForms('Quill app').undisguised).toEqual([]);
    expect(nameForms('Quіll app').undisguised).toEqual(['quill app', 'quill']);
    expect(nameForms('Quill 10')).toEqual({ plain: ['quill 10', 'quill'], undisguised: ['quill lo'] });
  });
});

describe('a name speaks of AI', () => {
  test.each(['ai', 'gpt', 'chatgpt', 'gpt3', 'gpt4', 'gpt5', 'llm', 'llms', 'genai', 'openai', 'chatbot', 'agentic'])(
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

  test('not by nothing', () => {
    expect(aiLike('')).toBeUndefined();
  });
});

describe('the spellings of the name of a secret', () => {
  test('are the name itself, in capitals with one line between words, then without what teams put around it', () => {
    expect(secretForms('acme.api-key')).toEqual(['ACME_API_KEY', 'API_KEY']);
    expect(secretForms('prod--ACME__api_key__')).toEqual(['PROD_ACME_API_KEY', 'ACME_API_KEY', 'API_KEY']);
    expect(secretForms('NEXT_PUBLIC_ACME_KEY_STAGING_2')).toEqual(['NEXT_PUBLIC_ACME_KEY_STAGING_2', 'ACME_KEY']);
  });

  test.each(
    (
      'PROD PRODUCTION STAGING STAGE STG DEV DEVELOPMENT TEST TESTING QA CI LOCAL NEXT PUBLIC VITE REACT APP EXPO NUXT GATSBY MY ORG COMPANY ' +
      'TEAM SHARED GLOBAL DEFAULT NEW OLD TMP TEMP BACKUP V1 V2 V3 1 2 3'
    ).split(' '),
  )('leave out %s on either side, and nothing that only begins so', (word) => {
    expect(secretForms(`${word}_KEY_${word}`)).toEqual([`${word}_KEY_${word}`, 'KEY']);
    expect(secretForms(`${word}X_KEY`)).toEqual([`${word}X_KEY`]);
  });

  test('leave out up to two words of the team, and never come down to one word that way', () => {
    expect(secretForms('A_B_C_D_E')).toEqual(['A_B_C_D_E', 'B_C_D_E', 'C_D_E']);
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
});
