import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

const require = createRequire(import.meta.url);

/** The official schema of SARIF 2.1.0, as a package of Microsoft's ships it. */
export function sarifSchema(): ValidateFunction {
  // It is of draft 4, of which the newer drafts know all that it uses but the spelling of its own name.
  const { $schema: _draft, id: _id, ...schema } = read(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));
  return checker().compile(schema);
}

/** The official schema of CycloneDX 1.7, as its library ships it. */
export function cyclonedxSchema(): ValidateFunction {
  const ajv = checker();
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs'])
    ajv.addSchema(cyclonedxFile(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  return ajv.compile(cyclonedxFile('bom-1.7'));
}

function cyclonedxFile(name: string): Record<string, unknown> {
  const library = dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json'));
  return read(join(library, 'res/schema', `${name}.SNAPSHOT.schema.json`));
}

/** OCSF: no package ships its schema, so what an export may hold was taken from the published one. */
export function ocsfSchema(): ValidateFunction {
  return checker().compile(
    JSON.parse(readFileSync(new URL('../contracts/ocsf/detection-finding.json', import.meta.url), 'utf8')) as object,
  );
}

/** Without the flag u: a pattern of SARIF's is none with it. */
function checker(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  formats.default(ajv);
  // Those of other alphabets than ASCII: what they ask for is not checked, and nothing that we write has them.
  for (const name of ['iri-reference', 'idn-email']) ajv.addFormat(name, true);
  return ajv;
}

function read(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}
