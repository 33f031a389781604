/** One id of a framework that others publish, in our own words, and what of ours speaks of it. */
export interface Control {
  title: string;
  /** What it asks for. */
  asks: string;
  /**
   * Where evidence for it comes from. `findings`: rules cite it, and only these. `scan`: Noctule performs it by scanning, so that no
   * finding may say that it failed. `declared`: the organisation says or imports it. `none`: nothing that is read speaks of it.
   */
  by: 'findings' | 'scan' | 'declared' | 'none';
  /** What of ours is the evidence, or why there is none. */
  evidence: string;
}
