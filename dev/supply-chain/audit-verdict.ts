/** What is to be made of what `npm audit` says, with those advisories taken out that are explained for a while. */

/** An advisory that somebody has looked at, and that does not reach the product. */
export interface Explained {
  /** `GHSA-…`. */
  readonly id: string;
  readonly package: string;
  /** Why it does not reach the product. */
  readonly reason: string;
  /** The last day on which that counts: `2027-01-31`. */
  readonly until: string;
}

/** Of the answer of `npm audit --json`, what is read. */
export interface AuditReport {
  readonly vulnerabilities?: Readonly<Record<string, { readonly via: readonly (string | Advisory)[] }>>;
  /** In place of it, when the registry could not be asked. */
  readonly message?: string;
}

interface Advisory {
  readonly url: string;
  readonly title: string;
  readonly severity: string;
  readonly name: string;
}

export type Verdict =
  /** Nothing is known of, but what is explained. */
  | { readonly kind: 'clean'; readonly explained: number }
  | { readonly kind: 'findings'; readonly findings: readonly string[] }
  /** The registry has not answered: nothing is known at all. */
  | { readonly kind: 'unasked'; readonly because: string };

/** @param today `2026-12-01` */
export function verdictOn(report: AuditReport, explained: readonly Explained[], today: string): Verdict {
  const { vulnerabilities } = report;
  if (vulnerabilities === undefined) return { kind: 'unasked', because: report.message ?? 'npm did not say why' };
  const advisories = new Map(
    Object.values(vulnerabilities)
      .flatMap(({ via }) => via)
      .filter((each) => typeof each !== 'string')
      .map((each) => [`${idOf(each)} ${each.name}`, each]),
  );
  const findings = [
    ...[...advisories.values()].flatMap((each) => against(each, explained, today)),
    ...explained
      .filter(({ id, package: name }) => !advisories.has(`${id} ${name}`))
      .map(({ id, package: name }) => `${id} in ${name} is explained, and nobody reports it any more: take it out`),
  ];
  return findings.length > 0 ? { kind: 'findings', findings } : { kind: 'clean', explained: explained.length };
}

function against(advisory: Advisory, explained: readonly Explained[], today: string): readonly string[] {
  const id = idOf(advisory);
  const found = explained.find((each) => each.id === id && each.package === advisory.name);
  const what = `${id} (${advisory.severity}) in ${advisory.name}: ${advisory.title}`;
  if (found === undefined) return [what];
  return found.until < today ? [`${what}; it was explained until ${found.until}`] : [];
}

function idOf({ url }: Advisory): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
