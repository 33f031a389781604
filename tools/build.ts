// `npm run build`: writes dist/, the program as JavaScript. Node strips no types below node_modules, so an installed package needs it;
// a checkout never does. What is needed together comes in one file: Node takes a third of a millisecond for each that it loads.
// With a folder, dist/ is written there.
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';

/** Files that are named at run time, and stay where they are. */
const ENTRIES = ['src/cli.ts', 'connectors/[a-z]*/index.ts', 'connectors/[a-z]*/fake/index.ts'];

/**
 * What is loaded together, each in one file: what every command line needs, what is asked all day, what answers an analyst's question, where it
 * is asked, what explains a finding, and what tells of an export.
 */
const TOGETHER = {
  'command-line': ['cli.ts', 'cli/plain.ts', 'commands/context.ts', 'commands/query.ts', 'store/query-answer.ts'].map(
    (name) => `src/${name}`,
  ),
  questions: ['findings', 'integrations', 'grants', 'changes', 'coverage', 'show', 'show-numbered', 'query-named', 'tell-answer'].map(
    (name) => `src/commands/${name}.ts`,
  ),
  sql: ['src/commands/query-sql.ts'],
  place: ['src/config/jsonc.ts'],
  explanation: ['src/commands/show-finding.ts'],
  export: ['src/store/trail.ts', 'src/commands/actor.ts'],
};

const ASKED: ReadonlySet<string> = new Set(['src/cli', ...Object.keys(TOGETHER)]);

/** Where they come to lie. */
const CHUNKS = 'src/chunks';

/**
 * Packages of several files that are loaded for questions: here they are a part of ours, and of them what is called. Each with its folder, and
 * with the file that is imported, resolved to a module that can be taken apart.
 */
const TAKEN_IN = [
  takenIn('jsonc-parser', 'LICENSE.md', (entry) => entry.replace('/umd/', '/esm/')),
  takenIn('@noble/hashes/sha2.js', 'LICENSE'),
  takenIn('@noble/hashes/utils.js', 'LICENSE'),
];

/** What goes into these files. */
const OURS = [resolve('src'), ...TAKEN_IN.map(({ folder }) => folder)];

const SQLITE = 'better-sqlite3';
const SQLITE_FILE = `${SQLITE}.cjs`;

const READ_AT_RUN_TIME = [
  'src/store/{migrations,queries}/*.sql',
  'src/catalog/{compiled,confusables,negative}.json',
  'src/catalog/products/*.json',
];

const DIST = join(process.argv[2] ?? '.', 'dist');

// What was built of a file that is there no more must not be published.
rmSync(DIST, { recursive: true, force: true });
const files = new Map<string, string>();
const build = await rolldown({
  input: Object.fromEntries(found(ENTRIES).map((file) => [file.replace(/\.ts$/, ''), file])),
  platform: 'node',
  preserveEntrySignatures: 'allow-extension',
  resolve: { alias: Object.fromEntries(TAKEN_IN.map(({ name, module }) => [name, module])) },
  external: (id) => !/^[./]/.test(id) && !TAKEN_IN.some(({ name }) => name === id),
  // What only says where something lies stays a file of its own until straightOn takes it out. Where an entry has no top-level await,
  // rolldown would put it elsewhere.
  experimental: { chunkOptimization: false },
  plugins: [
    fromOneFile(),
    ownAddresses(CHUNKS),
    together(files),
    asTheyAre(),
    calledAtOnce((name) => ASKED.has(name)),
    straightOn(),
    inAscii(),
  ],
});
await build.write({
  dir: DIST,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: `${CHUNKS}/[name]-[hash].js`,
  banner: ({ moduleIds }) => {
    const licences = TAKEN_IN.filter(({ folder }) => moduleIds.some((id) => id.startsWith(folder))).map(({ licence }) => licence());
    return [...new Set(licences)].join('\n');
  },
  codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: 'together', name: (id) => files.get(id) ?? null }] },
});
await writeSqlite();
for (const file of found(READ_AT_RUN_TIME)) cpSync(file, join(DIST, file));

/** A module finds what lies beside it by its own address, though its code has gone to a file of that folder. */
function ownAddresses(folder: string): Plugin {
  return {
    name: 'own-addresses',
    transform(code, id) {
      const own = relative(resolve(folder), id).replaceAll('\\', '/').replace(/\.ts$/, '.js');
      return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(own)}, import.meta.url).href`);
    },
    renderChunk(code, { fileName }) {
      if (!fileName.startsWith(folder) && code.includes('import.meta.url')) throw new Error(`${fileName} asks for its own address`);
    },
  };
}

/**
 * SQLite's package keeps its JavaScript in fifteen files, which take an eighth of the start of Node to load: here they are one. The addon
 * stays in the package, where it was installed.
 */
async function writeSqlite(): Promise<void> {
  const { resolve: find } = createRequire(import.meta.url);
  const entry = find(SQLITE);
  // Node's own search reads the package's description, which takes longer than to load the addon.
  const lib = `(require.resolve.paths('${SQLITE}') ?? []).map((folder) => folder + '/${SQLITE}/lib').find(require('node:fs').existsSync) ??
    require('node:path').dirname(require.resolve('${SQLITE}'))`;
  const addon = (code: string) => (code.includes('__dirname') ? `const lib = ${lib};\n${code.replaceAll('__dirname', 'lib')}` : code);
  const own = await rolldown({ input: entry, platform: 'node', plugins: [{ name: 'addon', transform: addon }] });
  const banner = licenceOf(SQLITE, join(dirname(entry), '../LICENSE'));
  await own.write({ file: join(DIST, 'src/store', SQLITE_FILE), format: 'cjs', banner });
}

function takenIn(name: string, licence: string, toModule = (entry: string) => entry) {
  const module = toModule(createRequire(import.meta.url).resolve(name));
  const [, folder, of] = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/)/.exec(module) ?? [];
  if (folder === undefined || of === undefined) throw new Error(`${name} is no package`);
  return { name, module, folder, licence: () => licenceOf(of, join(folder, licence)) };
}

/** What has to stand wherever the code of a package goes. */
function licenceOf(name: string, file: string): string {
  return `/*! ${name}\n${readFileSync(file, 'utf8').replaceAll(/[“”]/g, '"')}*/`;
}

/** Who loads the package loads that file. */
function fromOneFile(): Plugin {
  const [load, loadFile] = [`load('${SQLITE}')`, `load('./${SQLITE_FILE}')`];
  return {
    name: 'from-one-file',
    transform(code, id) {
      if (id !== resolve('src/store/database.ts')) return undefined;
      if (!code.includes(load)) throw new Error(`Nothing says ${load} any more`);
      return code.replace(load, loadFile);
    },
  };
}

/** Node's own modules, as they are: an ES module is first filled with all that they export, and some load much for what is never asked. */
function asTheyAre(): Plugin {
  return {
    name: 'as-they-are',
    renderChunk: (code) =>
      code.replaceAll(
        /^import \{(.+)\} from "(node:.+)";$/gm,
        (_import, names: string, module: string) => `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${module}");`,
      ),
  };
}

/**
 * V8 keeps compiled what it compiles before a file runs: a function in parentheses, and none that is only declared, which it compiles at every
 * start when it is first called. Functions of files that are loaded for questions are therefore expressions, and stand before all else that
 * their file does, where they were when they were declared.
 */
function calledAtOnce(isAsked: (chunk: string) => boolean): Plugin {
  return {
    name: 'called-at-once',
    renderChunk(code, { name, imports }, _options, { chunks }) {
      if (!isAsked(name)) return undefined;
      // Of two files that import each other, one runs when functions of the other are not there yet.
      const others = imports.filter((file) => file in chunks && !isAsked(chunks[file]!.name));
      if (others.length > 0) throw new Error(`${name} imports ${others.join(', ')}`);
      const pieces = this.parse(code).body.map(({ type, start, end }, index, all) => {
        const text = code.slice(index === 0 ? 0 : all[index - 1]!.end, end);
        const called = type === 'FunctionDeclaration' ? /^(?:async )?function\*? ?([\w$]+)/.exec(code.slice(start))?.[1] : undefined;
        return { text, called, isFirst: /^(import\b|(const|let) .*= (process\.getBuiltinModule|require)\()/.test(code.slice(start, end)) };
      });
      const functions = pieces.filter(({ called }) => called !== undefined);
      return [
        ...pieces.filter(({ isFirst }) => isFirst),
        ...functions.map(({ text, called }) => ({ text: `\nvar ${called} = (${text}\n);` })),
        ...pieces.filter((piece) => !piece.isFirst && !functions.includes(piece)),
      ]
        .map(({ text }) => text)
        .join('');
    },
  };
}

/** What is loaded later and lies in another module's file gets a file that only says where: whoever loads it is told that itself. */
function straightOn(): Plugin {
  return {
    name: 'straight-on',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const signposts = new Map<string, string>();
      for (const { fileName, code } of chunks) {
        const [, names, file] = /^export \{([^}]+)\} from "\.\/(\S+)";\s*$/.exec(code) ?? [];
        if (names === undefined || file === undefined || !fileName.startsWith(CHUNKS)) continue;
        const taken = names.replaceAll(' as ', ': ');
        const given = names.replaceAll(/\w+ as /g, '');
        signposts.set(basename(fileName), `${file}").then(({${taken}}) => ({${given}}))`);
        delete bundle[fileName];
      }
      for (const chunk of chunks)
        chunk.code = chunk.code.replaceAll(/(import\("\.\/(?:\S+\/)?)([^"/]+)"\)/g, (whole, before: string, file: string) =>
          signposts.has(file) ? `${before}${signposts.get(file)}` : whole,
        );
    },
  };
}

/**
 * Letters beyond ASCII as escapes: one of them makes Node keep the whole file in twice its bytes, and write it anew at every start to see
 * whether what it kept compiled is still of it.
 */
function inAscii(): Plugin {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return {
    name: 'in-ascii',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue;
        // Behind a backslash, or where its own text is asked for, an escape would be something else.
        const [unlike] = /\\[\u0080-\uffff]|\braw`[^`]*[\u0080-\uffff]/.exec(file.code) ?? [];
        if (unlike !== undefined) throw new Error(`${file.fileName} would say something else without ${unlike}`);
        file.code = file.code.replaceAll(/[\u0080-\uffff]/g, escaped);
      }
    },
  };
}

/** Says of each module of these which file it goes to: with them goes what they import, save what they import when they need it. */
function together(files: Map<string, string>): Plugin {
  return {
    name: 'together',
    buildEnd() {
      const add = (id: string, file: string) => {
        const module = this.getModuleInfo(id);
        if (!module || files.has(id) || !OURS.some((folder) => id.startsWith(folder))) return;
        // The beginning waits for all that it began: nothing that is loaded meanwhile may lie in its file.
        if (!module.isEntry) files.set(id, file);
        for (const imported of module.importedIds) add(imported, file);
      };
      for (const [file, modules] of Object.entries(TOGETHER)) for (const module of modules) add(resolve(module), file);
    },
  };
}

function found(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    const files = globSync(pattern);
    if (files.length === 0) throw new Error(`No file is called ${pattern}`);
    return files.map((file) => file.replaceAll('\\', '/'));
  });
}
