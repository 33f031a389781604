import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Links of a page to files that are not there, each as `page: target`; links to the web are left out. */
export function brokenLinks(root: string, page: string): string[] {
  return [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].flatMap(([, target]) =>
    existsSync(join(root, dirname(page), target!)) ? [] : [`${page}: ${target}`],
  );
}
