/** One look at `/metrics`. */
export interface Metrics {
  /** The sum over all series of this name whose labels are these. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** @param text in Prometheus' text format */
export function metricsFrom(text: string): Metrics {
  const series = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)/i.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: `,${labels},`, value: Number(value) }];
  });
  return {
    sum: (name, labels = {}) =>
      series
        .filter((one) => one.name === name)
        .filter((one) => Object.entries(labels).every(([label, value]) => one.labels.includes(`,${label}="${value}",`)))
        .reduce((sum, { value }) => sum + value, 0),
  };
}
