// GeoJSON (RFC 7946) as QuPath writes and reads it: a feature per object, coordinates in pixels from the
// image's corner.

import { parseJson } from "../arguments/json.js";
import { shown, shownText } from "../arguments/shown.js";
import type { Outline, OutlineFile, Polygon, Ring } from "./outline.js";

/** An object as QuPath shows it. */
export interface GeoJsonObject extends Outline {
  /** The name and the colour of its class. */
  readonly classification?:
    | { readonly name: string; readonly color: readonly [number, number, number] }
    | undefined;
  /** Numbers by name; those that are not finite are left out. */
  readonly measurements?: Readonly<Record<string, number>> | undefined;
}

/** How outlines are written as GeoJSON. */
export interface GeoJsonOptions {
  /** The kind of object in QuPath: "detection" by default; QuPath can edit annotations. */
  readonly objectType?: "annotation" | "detection" | undefined;
}

/** A FeatureCollection, a line per object. Equal objects give equal texts. */
export function writeGeoJson(
  objects: readonly GeoJsonObject[],
  { objectType = "detection" }: GeoJsonOptions = {},
): string {
  const features = objects.map(({ name, polygons, classification, measurements }) => {
    const finite = Object.entries(measurements ?? {}).filter(([, value]) => Number.isFinite(value));
    const properties = {
      objectType,
      name,
      ...(classification ? { classification } : {}),
      ...(finite.length > 0 ? { measurements: Object.fromEntries(finite) } : {}),
    };
    return JSON.stringify({ type: "Feature", geometry: geometryOf(polygons), properties });
  });
  const list = features.length === 0 ? "[]" : `[\n${features.join(",\n")}\n]`;
  return `{"type":"FeatureCollection","features":${list}}\n`;
}

function geometryOf(polygons: readonly Polygon[]): object {
  const coordinates = polygons.map((rings) => rings.map(positions));
  return coordinates.length === 1
    ? { type: "Polygon", coordinates: coordinates[0] }
    : { type: "MultiPolygon", coordinates };
}

/** The corners, the first one again at the end. */
function positions(ring: Ring): number[][] {
  const corners: number[][] = [];
  for (let i = 0; i < ring.length; i += 2) corners.push([ring[i], ring[i + 1]]);
  return [...corners, corners[0]];
}

/**
 * The outlines of a FeatureCollection, a list of features, a feature or a geometry; their names are
 * `properties.name`. Only Polygon and MultiPolygon are read; a remark counts the others. Throws one sentence
 * that begins with `fileName` if the text is not GeoJSON or nothing in it has an area.
 */
export function readGeoJson(text: string, fileName: string): OutlineFile {
  const outlines: Outline[] = [];
  let all = 0;
  try {
    const root = parseJson(text.replace(/^\uFEFF/, ""));
    for (const [i, feature] of featuresOf(root).entries()) {
      const polygons = within(i, () => polygonsOf(geometryIn(feature)));
      all++;
      if (polygons.length === 0) continue;
      const name = isObject(feature) && isObject(feature.properties) && feature.properties.name;
      const isName = typeof name === "string" || typeof name === "number";
      outlines.push({ name: isName ? String(name) : "", polygons });
    }
  } catch (error) {
    throw new Error(`${fileName}: ${(error as Error).message}`);
  }
  if (outlines.length === 0) {
    throw new Error(
      `${fileName}: none of its ${all} features has an area, expected Polygon or MultiPolygon`,
    );
  }
  const left = all - outlines.length;
  const remarks =
    left > 0 ? [`${left} of its ${all} features are points or lines, and are left out`] : [];
  return { outlines, remarks };
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function featuresOf(root: unknown): readonly unknown[] {
  if (Array.isArray(root)) return root;
  if (isObject(root) && root.type === "FeatureCollection") {
    if (Array.isArray(root.features)) return root.features;
    throw new Error(`its features are ${shownText(root.features)}, expected a list`);
  }
  if (isObject(root) && typeof root.type === "string") return [root];
  throw new Error("it is not GeoJSON, expected an object with a type, such as FeatureCollection");
}

function within<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`feature ${index + 1}: ${(error as Error).message}`);
  }
}

function geometryIn(feature: unknown): unknown {
  if (!isObject(feature)) throw new Error(`it is ${shownText(feature)}, expected an object`);
  return feature.type === "Feature" ? feature.geometry : feature;
}

const NO_AREA = ["Point", "MultiPoint", "LineString", "MultiLineString"];

function polygonsOf(geometry: unknown): Polygon[] {
  if (geometry === null) return [];
  const { type, coordinates, geometries } = isObject(geometry) ? geometry : ({} as Json);
  if (type === "Polygon") return [polygonOf(coordinates)];
  if (type === "MultiPolygon") return listOf(coordinates, "polygons").map(polygonOf);
  if (type === "GeometryCollection") return listOf(geometries, "geometries").flatMap(polygonsOf);
  if (NO_AREA.includes(type as string)) return [];
  throw new Error(`its geometry is of type ${shownText(type)}, expected Polygon or MultiPolygon`);
}

function polygonOf(value: unknown): Polygon {
  return listOf(value, "rings").map((ring) => {
    const corners = listOf(ring, "corners").map((corner) => {
      const [x, y] = Array.isArray(corner) ? corner : [];
      if (Number.isFinite(x) && Number.isFinite(y)) return [x as number, y as number];
      throw new Error(`a corner is ${shown(corner)}, expected two numbers`);
    });
    if (corners.length < 3) throw new Error(`a ring has ${corners.length} corners, expected 4`);
    const [first, last] = [corners[0], corners[corners.length - 1]];
    const isClosed = first[0] === last[0] && first[1] === last[1];
    return (isClosed ? corners.slice(0, -1) : corners).flat();
  });
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`its ${what} are ${shownText(value)}, expected a list`);
}
