"""Why something that Argo CD applies cannot be known here, in words: of one source, and of how many there are."""

from __future__ import annotations

OF_ONE = {
    "chart": "a chart from a Helm repository",
    "plugin": "built by a plugin",
    "repository": "in another repository",
    "repository-moving": "in another repository, and not pinned there",
    "fetch": "it could not be fetched",
    "revision": "a revision of this repository that git does not have here, and `git fetch --tags` may bring",
}
"""What is said of one source, behind its name."""
OF_MANY = {
    "remote": "builds include a remote base, which --fetch brings where that is possible",
    "moving": "builds include a remote base that follows a branch or names no version, and is never fetched",
    "helm": "sources or builds render a Helm chart",
    "dependency": "charts have dependencies that are not vendored in their charts folder, which --fetch brings",
    "cluster": "charts ask the cluster what it has, and fail without",
    "plugin": "sources or builds run a plugin",
    "chart": "sources are charts from a Helm repository, which --fetch brings",
    "floating": "charts from elsewhere are not asked for in one version, and are never fetched: what a range gives "
    "changes without a commit here",
    "repository": "sources lie in other repositories, which --fetch brings where they are pinned",
    "repository-moving": "sources follow a branch or a range of other repositories, and are never fetched",
    "options": "sources have kustomize options that cannot be applied here",
    "revision": "sources ask for a revision of this repository that git does not have here",
    "jsonnet": "files are Jsonnet",
    "rules": "objects are of a kind whose definition has rules in CEL, which take the program gitopsmith-cel",
    "set": "ApplicationSets are not expanded, so what they generate is not judged",
    "set-clusters": "ApplicationSets generate for each cluster, and .gitopsmith.yaml names none",
    "set-generator": "ApplicationSets ask a service or a plugin, and .gitopsmith.yaml does not say what it answers",
    "set-repository": "ApplicationSets read other repositories, or a fixed revision",
    "set-template": "ApplicationSets are templates to be filled in",
    "set-unreadable": "ApplicationSets do not fit their schema",
}
"""What is said of several, by the kind of each: sources, builds, files or ApplicationSets."""
