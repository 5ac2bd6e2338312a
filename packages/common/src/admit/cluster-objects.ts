import type { MeshNode } from "../mesh/mesh-node.ts";
import type { EndpointSlice } from "../objects/endpoint-slice.ts";
import type { MeshObject, ObjectKey } from "../objects/mesh-object.ts";
import type { Namespace } from "../objects/namespace.ts";
import type { Service } from "../objects/service.ts";

/** `ns/name` of a Service inside its cluster. */
export type ServiceName = string & { readonly __brand: "ServiceName" };

export const serviceName = (namespace: string, name: string): ServiceName => `${namespace}/${name}` as ServiceName;

/** What one change concerns: the reader plans these again. */
export interface ObjectTouch {
  /** Name of the MeshNode. */
  readonly node?: string;
  readonly namespace?: string;
  readonly services: readonly ServiceName[];
}

/** The objects of one cluster as published, indexed the way admission asks for them. */
export class ClusterObjects {
  /** By name. */
  readonly nodes = new Map<string, MeshNode>();
  readonly services = new Map<ServiceName, Service>();
  readonly namespaces = new Map<string, Namespace>();
  readonly #objects = new Map<ObjectKey, MeshObject>();
  readonly #slices = new Map<ServiceName, Map<ObjectKey, EndpointSlice>>();
  readonly #byNamespace = new Map<string, Set<ServiceName>>();

  /** Stores the object, or with `undefined` forgets it, and tells what that concerns. */
  set(key: ObjectKey, object: MeshObject | undefined): ObjectTouch {
    const before = this.#objects.get(key);
    if (object) this.#objects.set(key, object);
    else this.#objects.delete(key);
    switch ((object ?? before)?.kind) {
      case "MeshNode":
        return this.#setNode((object ?? before) as MeshNode, object !== undefined);
      case "Namespace":
        return this.#setNamespace((object ?? before) as Namespace, object !== undefined);
      case "Service":
        return this.#setService((object ?? before) as Service, object !== undefined);
      case "EndpointSlice":
        return this.#setSlice(key, before as EndpointSlice | undefined, object as EndpointSlice | undefined);
      default:
        return { services: [] };
    }
  }

  /** The slices of a Service, in name order, so that the order of arrival does not matter. */
  slicesOf(service: ServiceName): EndpointSlice[] {
    return [...(this.#slices.get(service)?.values() ?? [])].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  servicesIn(namespace: string): Iterable<ServiceName> {
    return this.#byNamespace.get(namespace) ?? [];
  }

  #setNode(node: MeshNode, present: boolean): ObjectTouch {
    if (present) this.nodes.set(node.name, node);
    else this.nodes.delete(node.name);
    return { node: node.name, services: [] };
  }

  #setNamespace(namespace: Namespace, present: boolean): ObjectTouch {
    if (present) this.namespaces.set(namespace.name, namespace);
    else this.namespaces.delete(namespace.name);
    return { namespace: namespace.name, services: [...this.servicesIn(namespace.name)] };
  }

  #setService(service: Service, present: boolean): ObjectTouch {
    const name = serviceName(service.namespace, service.name);
    const siblings = this.#byNamespace.get(service.namespace) ?? new Set();
    this.#byNamespace.set(service.namespace, siblings);
    if (present) this.services.set(name, service);
    else this.services.delete(name);
    if (present) siblings.add(name);
    else siblings.delete(name);
    return { services: [name] };
  }

  #setSlice(key: ObjectKey, before: EndpointSlice | undefined, after: EndpointSlice | undefined): ObjectTouch {
    const touched = new Set<ServiceName>();
    for (const [slice, present] of [[before, false], [after, true]] as const) {
      if (slice?.service === undefined) continue;
      const name = serviceName(slice.namespace, slice.service);
      const slices = this.#slices.get(name) ?? new Map<ObjectKey, EndpointSlice>();
      if (present) slices.set(key, slice);
      else slices.delete(key);
      if (slices.size > 0) this.#slices.set(name, slices);
      else this.#slices.delete(name);
      touched.add(name);
    }
    return { services: [...touched] };
  }
}
