import { existsSync, readFileSync } from 'node:fs';
import { EMPTY_POLICY, policySchema, type Policy } from '../policy/policy.ts';
import { parseJsonc, schemaError } from './jsonc.ts';

/** Reads policy.json. Where there is none yet, nothing is approved. */
export function parsePolicy(file: string): { policy: Policy; text: string | undefined } {
  if (!existsSync(file)) return { policy: EMPTY_POLICY, text: undefined };
  const text = readFileSync(file, 'utf8');
  const parsed = policySchema.safeParse(parseJsonc(text, file));
  if (!parsed.success) throw schemaError(parsed.error, text, file, policySchema);
  return { policy: parsed.data, text };
}
