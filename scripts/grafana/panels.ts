/** Panels and dashboards of Grafana, as its files have them. */
import { optionsOf, steps } from './panel-options.ts';
import type { Kind, Link, PanelSpec, Row, Variable } from './panel-spec.ts';

export interface DashboardSpec {
	readonly uid: string;
	readonly title: string;
	readonly help: string;
	readonly variables: readonly Variable[];
	readonly rows: readonly Row[];
	/** Whose alerts are marked in graphs: a selector. */
	readonly alertsOf: string;
	readonly from?: string;
}

const source = { type: 'prometheus', uid: '$datasource' } as const;

/** Those at once, as tables and maps need them, and not over time. */
const instantKinds: ReadonlySet<Kind> = new Set(['stat', 'table', 'geomap', 'bargauge']);

function transformationsOf({ kind, queries, without = [] }: PanelSpec): unknown[] {
	if (kind === 'geomap')
		return [{ id: 'convertFieldType', options: { conversions: ['lat', 'lon'].map(toNumber) } }];
	if (kind !== 'table') return [];
	const hidden = ['Time', 'job', '__name__', ...without];
	const excludeByName = Object.fromEntries(hidden.map((name) => [name, true]));
	const columns = queries.map(({ legend = 'value' }, index) => [
		queries.length === 1 ? 'Value' : `Value #${refId(index)}`,
		legend,
	]);
	const renameByName = Object.fromEntries(columns);
	return [
		{ id: 'merge', options: {} },
		{ id: 'organize', options: { excludeByName, renameByName } },
	];
}

function refId(index: number): string {
	return String.fromCharCode('A'.charCodeAt(0) + index);
}

function overridesOf({ kind, queries }: PanelSpec): unknown[] {
	if (kind !== 'table') return [];
	return queries.flatMap(({ legend, unit }) =>
		unit === undefined
			? []
			: [{ matcher: { id: 'byName', options: legend }, properties: [{ id: 'unit', value: unit }] }],
	);
}

function toNumber(targetField: string) {
	return { targetField, destinationType: 'number' };
}

function linksOf(link: Link | undefined) {
	if (link === undefined) return [];
	const { uid, variable } = link;
	const value = `\${__field.labels.${variable}}`;
	return [
		{
			title: `Open \${__field.labels.${variable}}`,
			url: `/d/${uid}?var-${variable}=${value}&\${datasource:queryparam}&\${instance:queryparam}&\${__url_time_range}`,
		},
	];
}

function mappingsOf(words: Readonly<Record<string, string>> | undefined) {
	if (words === undefined) return [];
	const options = Object.fromEntries(
		Object.entries(words).map(([value, text], index) => [value, { text, index }]),
	);
	return [{ type: 'value', options }];
}

function targetsOf({ kind, queries }: PanelSpec) {
	const format = { table: 'table', geomap: 'table', heatmap: 'heatmap' }[kind as string] ?? 'time_series';
	return queries.map(({ expr, legend }, index) => ({
		refId: refId(index),
		datasource: source,
		expr,
		format,
		...(legend === undefined ? {} : { legendFormat: legend }),
		instant: instantKinds.has(kind),
		range: !instantKinds.has(kind),
	}));
}

function panelOf(spec: PanelSpec, id: number, gridPos: object) {
	const custom =
		spec.kind === 'timeseries' ? { fillOpacity: 8, showPoints: 'never', spanNulls: false, lineWidth: 1 } : {};
	return {
		id,
		type: spec.kind,
		title: spec.title,
		description: spec.help,
		datasource: source,
		gridPos,
		fieldConfig: {
			defaults: {
				unit: spec.unit,
				custom,
				color: {
					mode: spec.limits === undefined || spec.kind === 'timeseries' ? 'palette-classic' : 'thresholds',
				},
				thresholds: { mode: 'absolute', steps: steps(spec.limits) },
				mappings: mappingsOf(spec.words),
				links: linksOf(spec.link),
			},
			overrides: overridesOf(spec),
		},
		options: optionsOf(spec),
		transformations: transformationsOf(spec),
		targets: targetsOf(spec),
	};
}

/** Puts panels side by side while there is room, and then below. */
function placed(rows: readonly Row[]): unknown[] {
	const panels: unknown[] = [];
	let y = 0;
	for (const { title, panels: specs } of rows) {
		const id = panels.length + 1;
		panels.push({ id, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] });
		y += 1;
		let [x, lineHeight] = [0, 0];
		for (const spec of specs) {
			if (x + spec.width > 24) {
				y += lineHeight;
				[x, lineHeight] = [0, 0];
			}
			const gridPos = { x, y, w: spec.width, h: spec.height };
			panels.push(panelOf(spec, panels.length + 1, gridPos));
			x += spec.width;
			lineHeight = Math.max(lineHeight, spec.height);
		}
		y += lineHeight;
	}
	return panels;
}

function annotation(name: string, iconColor: string, expr: string, more: object) {
	return { name, enable: true, iconColor, datasource: source, expr, step: '15s', ...more };
}

/** What is marked in all graphs: alerts of pingmachine, starts of the daemon, and new configs. */
function annotationsOf(alertsOf: string): unknown[] {
	const at = { useValueForTime: 'on', tagKeys: 'instance' };
	return [
		annotation('Alerts', 'red', `pingmachine_alerts{${alertsOf}}`, {
			titleFormat: '{{rule}} {{order}}',
			textFormat: '{{severity}}: {{target}}',
			tagKeys: 'severity,state',
		}),
		annotation(
			'Daemon started',
			'blue',
			'pingmachine_daemon_start_timestamp_seconds{instance=~"$instance"} * 1000',
			{
				...at,
				titleFormat: 'pingmachine started on {{instance}}',
			},
		),
		annotation(
			'New config',
			'purple',
			'pingmachine_config_last_reload_success_timestamp_seconds{instance=~"$instance"} * 1000',
			{ ...at, titleFormat: 'config read on {{instance}}' },
		),
	];
}

function variableOf({ name, label, query, several = false }: Variable) {
	return {
		name,
		label,
		type: 'query',
		datasource: source,
		query: { query, refId: `variable-${name}` },
		definition: query,
		refresh: 2,
		sort: 1,
		multi: several,
		includeAll: several,
		...(several ? { allValue: '.*', current: { text: 'All', value: '$__all' } } : {}),
	};
}

/** The whole file of a dashboard. */
export function dashboard({ uid, title, help, variables, rows, alertsOf, from = 'now-3h' }: DashboardSpec) {
	return {
		uid,
		title,
		description: help,
		tags: ['pingmachine'],
		schemaVersion: 39,
		version: 1,
		editable: true,
		graphTooltip: 1,
		refresh: '30s',
		time: { from, to: 'now' },
		timezone: 'browser',
		links: [
			{
				type: 'dashboards',
				title: 'pingmachine',
				tags: ['pingmachine'],
				asDropdown: true,
				includeVars: true,
				keepTime: true,
			},
		],
		templating: {
			list: [
				{
					name: 'datasource',
					label: 'Prometheus',
					type: 'datasource',
					query: 'prometheus',
					current: { text: 'Prometheus', value: 'prometheus' },
				},
				...variables.map(variableOf),
			],
		},
		annotations: { list: annotationsOf(alertsOf) },
		panels: placed(rows),
	};
}
