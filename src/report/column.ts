/** A column of a table, of CSV and of Parquet. JSON holds every field of a row instead. */
export interface Column<Row> {
  title: string;
  /** Null = not known; a table shows nothing there. A column holds texts or numbers, not both. */
  of(row: Row): string | number | null;
}
