import type { ClusterPlan, NodePlan, PodPlan } from "../topology/addresses.ts";
import { both } from "../topology/dual.ts";
import { backends, clusterIP } from "../services/shape.ts";
import type { IpVersion, LabService } from "../services/shape.ts";

const FAMILY = { v4: "IPv4", v6: "IPv6" } as const;

export function renderNamespace(name: string) {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
}

export function renderNode(node: NodePlan) {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: { "kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux" } },
    spec: { podCIDR: node.subnets.v4, podCIDRs: both(node.subnets) },
    status: {
      addresses: [
        ...both(node.nodeIPs).map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: node.name },
      ],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

export function renderService(cluster: ClusterPlan, service: LabService) {
  const clusterIPs = service.families.map((version) => clusterIP(cluster, service, version));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: service.name, namespace: service.namespace, labels: { app: service.name } },
    spec: {
      type: "ClusterIP",
      clusterIP: clusterIPs[0],
      clusterIPs,
      ipFamilies: service.families.map((version) => FAMILY[version]),
      ipFamilyPolicy: service.families.length > 1 ? "RequireDualStack" : "SingleStack",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      selector: { app: service.name },
      ports: service.ports.map(({ name, protocol, port, targetPort }) => ({ name, protocol, port, targetPort })),
    },
    status: { loadBalancer: {} },
  };
}

/** One EndpointSlice for each family of the Service, as the endpoint slice controller makes them. */
export function renderEndpointSlices(cluster: ClusterPlan, service: LabService) {
  return service.families.map((version) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service.name}-${FAMILY[version].toLowerCase()}`,
      namespace: service.namespace,
      labels: {
        app: service.name,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": service.name,
      },
    },
    addressType: FAMILY[version],
    endpoints: backends(cluster, service).map((pod) => renderEndpoint(pod, version)),
    ports: service.ports.map(({ name, protocol, targetPort }) => ({ name, protocol, port: targetPort })),
  }));
}

function renderEndpoint(pod: PodPlan, version: IpVersion) {
  return {
    addresses: [pod.addresses[version]],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: pod.node,
    targetRef: { kind: "Pod", name: pod.name, namespace: pod.namespace },
  };
}
