import type { PanelSpec } from './panel-spec.ts';

export function steps(limits: readonly [number, number] | undefined) {
	if (limits === undefined) return [{ color: 'green', value: null }];
	const [yellow, red] = limits;
	if (yellow <= red)
		return [
			{ color: 'green', value: null },
			{ color: 'yellow', value: yellow },
			{ color: 'red', value: red },
		];
	return [
		{ color: 'red', value: null },
		{ color: 'yellow', value: red },
		{ color: 'green', value: yellow },
	];
}

export function optionsOf({ kind, unit }: PanelSpec): Record<string, unknown> {
	const last = { calcs: ['lastNotNull'], fields: '', values: false };
	switch (kind) {
		case 'stat':
			return { reduceOptions: last, colorMode: 'background', graphMode: 'none', textMode: 'auto' };
		case 'bargauge':
			return { reduceOptions: last, orientation: 'horizontal', displayMode: 'basic', showUnfilled: true };
		case 'table':
			return { showHeader: true, cellHeight: 'sm', footer: { show: false } };
		case 'timeseries':
			return {
				legend: {
					displayMode: 'table',
					placement: 'bottom',
					calcs: ['lastNotNull', 'max'],
					showLegend: true,
				},
				tooltip: { mode: 'multi', sort: 'desc' },
			};
		case 'heatmap':
			return {
				calculate: false,
				color: { mode: 'scheme', scheme: 'Oranges', steps: 64, exponent: 0.5 },
				cellGap: 0,
				filterValues: { le: 1e-9 },
				yAxis: { unit, axisPlacement: 'left' },
				tooltip: { mode: 'single', yHistogram: true },
				legend: { show: true },
			};
		case 'state-timeline':
			return { mergeValues: true, showValue: 'auto', rowHeight: 0.9, legend: { showLegend: false } };
		case 'geomap':
			return {
				view: { id: 'fit', allLayers: true, lat: 0, lon: 0, zoom: 2 },
				basemap: { type: 'default', name: 'Map' },
				layers: [
					{
						type: 'markers',
						name: 'Targets',
						location: { mode: 'coords', latitude: 'lat', longitude: 'lon' },
						config: {
							style: {
								color: { field: 'Value', fixed: 'green' },
								size: { fixed: 8, min: 4, max: 16 },
								opacity: 0.8,
							},
							showLegend: true,
						},
						tooltip: true,
					},
				],
			};
	}
}
