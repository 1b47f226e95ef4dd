/** What another program's files come to. Whatever has no counterpart is a finding, and stops nothing else. */
export interface Imported {
	readonly orders: readonly ImportedOrder[];
	/** Conditions and the like, by the name of their rule. */
	readonly rules: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
	/** What has no counterpart here, or is not understood: each a line. */
	readonly findings: readonly string[];
}

export interface ImportedOrder {
	/** Without the folder that all are put into. */
	readonly id: string;
	readonly fields: Readonly<Record<string, unknown>>;
	/** A file of SmokePing with what it has measured. */
	readonly history?: string;
}

/** Orders and findings are gathered in it, and the same finding is told once. */
export class Gathered implements Imported {
	readonly orders: ImportedOrder[] = [];
	readonly rules = new Map<string, Readonly<Record<string, unknown>>>();
	readonly #findings = new Set<string>();

	get findings(): readonly string[] {
		return [...this.#findings];
	}

	missing(where: string, what: string): void {
		this.#findings.add(`${where}: ${what}`);
	}
}

/** Characters that names of files should not have become `_`. */
export function nameOf(text: string): string {
	return text.replaceAll(/[^A-Za-z0-9._:@-]/g, '_').replace(/^[.@#]/, '_') || '_';
}
