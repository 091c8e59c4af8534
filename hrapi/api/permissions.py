"""Who may do what: Django's own model permissions, for every endpoint."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request


class ModelPermissions(DjangoModelPermissions):
    """Reading needs `view`, posting `add`, changing `change`, deleting `delete` of the model.

    A view that shows no single model names the permission it needs in `required_permission`.
    """

    perms_map = {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
        "OPTIONS": ["%(app_label)s.view_%(model_name)s"],
        "POST": ["%(app_label)s.add_%(model_name)s"],
        "PUT": ["%(app_label)s.change_%(model_name)s"],
        "PATCH": ["%(app_label)s.change_%(model_name)s"],
        "DELETE": ["%(app_label)s.delete_%(model_name)s"],
    }

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in view.allowed_methods:
            # Not a question of permission: the answer is 405, with the methods there are.
            return bool(request.user.is_authenticated)
        required = getattr(view, "required_permission", None)
        if required is None:
            return bool(super().has_permission(request, view))
        return request.user.is_authenticated and request.user.has_perm(required)
