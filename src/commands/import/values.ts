/** What YAML of others may hold, looked at without trust. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mapping of that key, or the value itself for null; empty where there is none. */
export function mappingIn(value: Mapping, key: string | null): Mapping {
	const found = key === null ? value : value[key];
	return isMapping(found) ? found : {};
}

export function listIn(value: Mapping, key: string): readonly unknown[] {
	const found = value[key];
	return Array.isArray(found) ? found : [];
}

export function textIn(value: Mapping, key: string): string | undefined {
	const found = value[key];
	return typeof found === 'string' ? found : undefined;
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A span of Prometheus, such as 1m30s, in whole seconds. */
export function secondsIn(value: Mapping, key: string): number | undefined {
	const text = textIn(value, key);
	if (text === undefined || !/^(?:\d{1,6}[smhd]){1,4}$/.test(text)) return undefined;
	const parts = [...text.matchAll(/(\d+)([smhd])/g)];
	return Math.max(
		1,
		parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 1), 0),
	);
}
