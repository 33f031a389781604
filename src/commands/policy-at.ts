import { existsSync } from 'node:fs';
import { createCatalog } from '../catalog/catalog.ts';
import { readCatalog } from '../config/catalog-file.ts';
import { parsePolicy, parsePolicyText } from '../config/policy-file.ts';
import { ConfigError } from '../connector/index.ts';
import { EMPTY_POLICY, withCurrentIds, type Policy } from '../policy/policy.ts';
import type { Reader } from '../store/read.ts';
import { terminalLines } from '../text/terminal.ts';
import type { Moment } from './moment.ts';

/** A policy to answer questions by, and the present id of any product. */
export interface PolicyAt {
  policy: Policy;
  currentId(product: string): string;
}

/** The policy of the tenant as its file stands now, or, of an earlier moment and where there is no such file, as the scan was judged by it. */
export function policyAt(
  reader: Reader,
  place: { tenant: string; policy: string | undefined; catalog: string | undefined },
  { scan, asOf }: Moment,
  complain: (text: string) => void,
): PolicyAt {
  const policy = (asOf === undefined ? ofFile(place, complain) : undefined) ?? policyOfScan(reader, scan.id);
  // A catalog takes a moment to be read, and matters here to products of workflows alone.
  if (place.catalog === undefined || !policy.workflows?.some(({ products }) => products)) return { policy, currentId: (id) => id };
  const catalog = createCatalog(readCatalog(place.catalog, place.tenant));
  const currentId = (id: string) => catalog.currentId(id);
  return { policy: withCurrentIds(policy, currentId), currentId };
}

function ofFile(
  { tenant, policy: file }: { tenant: string; policy: string | undefined },
  complain: (text: string) => void,
): Policy | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  try {
    const { policy } = parsePolicy(file);
    return policy.tenant === tenant ? policy : undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // What was found can be read without the file by which the next scan will judge.
    complain(`The policy of the last scan is taken instead: ${terminalLines(error.message, 400)}\n`);
    return undefined;
  }
}

/** The policy by which a scan was judged. */
export function policyOfScan(reader: Reader, scanId: number): Policy {
  const text = reader.policyOf(scanId);
  return text === undefined ? EMPTY_POLICY : parsePolicyText(text, `the policy of scan ${scanId}`);
}
