"""Batches start at a chosen time and may undo another; people may be left out by hand."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0001_actions'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='item',
            name='item_excluded_has_a_reason',
        ),
        migrations.AddField(
            model_name='batch',
            name='starts_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='batch',
            name='undoes',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='undone_by', to='automation.batch'),
        ),
        migrations.AlterField(
            model_name='item',
            name='exclusion',
            field=models.CharField(blank=True, choices=[('safelist', 'On a safelist'), ('follows_you', 'Already follows you'), ('private', 'Private account'), ('recently', 'Followed not long ago'), ('elsewhere', 'In another batch that is not over'), ('cap', 'More than a batch may hold'), ('outside_budget', "More than a week's budget"), ('not_accessible', 'Not known here, or not to be reached'), ('yourself', 'The login itself'), ('by_hand', 'Left out by a person')], default='', max_length=20),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('exclusion__in', ['safelist', 'follows_you', 'private', 'recently', 'elsewhere', 'cap', 'outside_budget', 'not_accessible', 'yourself', 'by_hand']), ('state', 'excluded')), models.Q(models.Q(('state', 'excluded'), _negated=True), ('exclusion', '')), _connector='OR'), name='item_excluded_has_a_reason'),
        ),
    ]
