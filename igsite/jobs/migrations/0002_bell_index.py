from django.db import migrations


class Migration(migrations.Migration):
    """The queue of bells is read in this order; without an index a long queue would be sorted at each fetch."""

    dependencies = [
        ("jobs", "0001_jobs"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            "create index jobs_bell_order on django_q_ormq (key, lock, id)",
            "drop index jobs_bell_order",
        ),
    ]
