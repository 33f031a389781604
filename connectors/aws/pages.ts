import { pageGuard } from '../../src/connector/index.ts';

/** The pages of a list, one after the other. `ask` answers the page that a token names, the first without one; a page without `next` is the last. */
export async function* pagesOf<Page extends { next: string | null | undefined }>(
  ask: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  const guard = pageGuard();
  let token: string | undefined;
  do {
    const page = await ask(token);
    token = page.next ?? undefined;
    // Whoever is sent to a page twice would be sent there for ever.
    if (token !== undefined) guard(token);
    yield page;
  } while (token !== undefined);
}
