/**
 * The text of a ticket as a value, before any tracker's markup. What a provider said stands in `name` runs alone: each sink shows those
 * as literal text that can neither mention, link nor format, whatever is in them. Everything else is our own words.
 */
export type Run = string | { name: string };

export type Block =
  /** `keep` = where not all fits, what stands below it is cut last. */
  | { is: 'heading'; text: string; keep?: true }
  | { is: 'paragraph'; runs: readonly Run[] }
  | { is: 'list'; items: readonly (readonly Run[])[] }
  /** Literal lines, as the entry of a policy; may hold what a provider said. */
  | { is: 'code'; text: string };

export interface TicketDocument {
  /** One line; may hold what a provider said in `name` runs. */
  title: readonly Run[];
  blocks: readonly Block[];
}
