import { existsSync } from 'node:fs';
import { z } from 'zod';
import { EMPTY_POLICY, policySchema, type Policy } from '../policy/policy.ts';
import { readText, refuseWritableByOthers } from './file.ts';
import { parseJsonc } from './jsonc.ts';
import { schemaError } from './schema-error.ts';

/** Reads policy.json. Where there is none yet, nothing is approved. */
export function parsePolicy(file: string): { policy: Policy; text: string | undefined } {
  if (!existsSync(file)) return { policy: EMPTY_POLICY, text: undefined };
  refuseWritableByOthers(file);
  const text = readText(file);
  return { policy: parsePolicyText(text, file), text };
}

/** Checks the text of a policy; the first mistake is told with its line and what to do. */
export function parsePolicyText(text: string, file: string): Policy {
  const parsed = policySchema.safeParse(parseJsonc(text, file));
  if (!parsed.success) throw schemaError(parsed.error, text, file, policySchema);
  return parsed.data;
}

/** A policy to start from: nothing is decided in it. */
export function emptyPolicyText(tenant = 'default'): string {
  return `{
  "$schema": "./policy.schema.json",
  "formatVersion": 1,
${tenant === 'default' ? '' : `  "tenant": ${JSON.stringify(tenant)},\n`}  // What is approved. An approval is bound to the ids of apps: \`noctule approve <finding>\` writes it, \`noctule show <finding>\` prints it.
  "approvals": [],
  // What is denied, and what to use instead.
  "denials": [],
  // Findings that are accepted until a day.
  "exceptions": []
}
`;
}

/** The JSON Schema of policy.json, for editors and for `noctule config schema --policy`. */
export function policyJsonSchema(): object {
  return { ...z.toJSONSchema(policySchema, { io: 'input' }), title: 'Noctule policy' };
}
