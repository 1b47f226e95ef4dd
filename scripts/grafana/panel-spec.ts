/** Panels as they are written here. Units are Grafana's names: `s`, `percentunit`, `bytes`. */

interface Query {
	readonly expr: string;
	/** With labels as `{{order}}`; of a table the name of its column. */
	readonly legend?: string;
	/** Of a column, where it is not the table's. */
	readonly unit?: string;
}

export type Kind = 'stat' | 'timeseries' | 'table' | 'heatmap' | 'geomap' | 'bargauge' | 'state-timeline';

export interface PanelSpec {
	readonly kind: Kind;
	readonly title: string;
	/** What is seen, in a sentence; shown at the panel's corner. */
	readonly help: string;
	readonly unit: string;
	/** Of 24. */
	readonly width: number;
	readonly height: number;
	readonly queries: readonly Query[];
	/** Where it becomes yellow, and where red; of a value that is bad when it is low, the other way round. */
	readonly limits?: readonly [number, number];
	/** Texts in place of numbers. */
	readonly words?: Readonly<Record<string, string>>;
	/** Columns of a table that are left out. */
	readonly without?: readonly string[];
	/** The dashboard that a click on a series opens, with its order or point of presence. */
	readonly link?: Link;
}

export interface Link {
	readonly uid: string;
	readonly variable: 'order' | 'pop';
}

/** A row of panels, with a heading. */
export interface Row {
	readonly title: string;
	readonly panels: readonly PanelSpec[];
}

export interface Variable {
	readonly name: string;
	readonly label: string;
	/** Of Prometheus: `label_values(...)`. */
	readonly query: string;
	/** Whether several can be chosen, and all. */
	readonly several?: boolean;
}
