import { existsSync } from 'node:fs';
import { z } from 'zod';
import { EMPTY_POLICY, policySchema, type Policy } from '../policy/policy.ts';
import { readText, refuseWritableByOthers } from './file.ts';
import { parseJsonc, schemaError } from './jsonc.ts';

/** Reads policy.json. Where there is none yet, nothing is approved. */
export function parsePolicy(file: string): { policy: Policy; text: string | undefined } {
  if (!existsSync(file)) return { policy: EMPTY_POLICY, text: undefined };
  refuseWritableByOthers(file);
  const text = readText(file);
  const parsed = policySchema.safeParse(parseJsonc(text, file));
  if (!parsed.success) throw schemaError(parsed.error, text, file, policySchema);
  return { policy: parsed.data, text };
}

/** The JSON Schema of policy.json, for editors and for `noctule config schema --policy`. */
export function policyJsonSchema(): object {
  return { ...z.toJSONSchema(policySchema, { io: 'input' }), title: 'Noctule policy' };
}
