"""Makes :class:`igsite.admin_site.AdminSite` the admin of the site."""

from django.contrib.admin.apps import AdminConfig


class SiteAdminConfig(AdminConfig):
    """Django's admin with this site's door."""

    default_site = "igsite.admin_site.AdminSite"
