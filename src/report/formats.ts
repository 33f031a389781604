/** Forms of a list. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Forms of a list that may be long, and is taken elsewhere. */
export const LIST_FORMATS = [...FORMATS, 'markdown', 'parquet'] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** Findings as other programs take them, too. */
export const FINDING_FORMATS = [...LIST_FORMATS, 'sarif', 'ocsf'] as const;
export type FindingFormat = (typeof FINDING_FORMATS)[number];

/** Integrations as an inventory, too. */
export const INTEGRATION_FORMATS = [...LIST_FORMATS, 'cyclonedx'] as const;
export type IntegrationFormat = (typeof INTEGRATION_FORMATS)[number];

/** What could not be read: told in words, and as a list. */
export const COVERAGE_FORMATS = ['text', ...LIST_FORMATS] as const;
export type CoverageFormat = (typeof COVERAGE_FORMATS)[number];
